package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.testkit.ContractRun.Joined;
import dev.socketforwarder.testkit.ContractRun.Running;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Tests what the API promises of every transport whose connections have a {@link dev.socketforwarder.api.Codec}, including what it
 * promises of every transport. A subclass knows the client's side of the protocol.
 *
 * <p>The contract's policies admit whoever sends {@link ScriptedContext#firstMessage}. A codec that joins with a first message begins it
 * with the setting {@code new-client-prefix}, so {@link #settings} sets that to the beginning of {@code firstMessage}:
 *
 * <pre>{@code
 * Map.of("port", 0, "new-client-prefix", ScriptedContext.firstMessage("").replace("\n", ""))
 * }</pre>
 */
public abstract class CodecContract extends TransportContract {
    private static final int LARGEST = 1 << 20;

    /** For subclasses. */
    protected CodecContract() {}

    /**
     * {@return what a client sends to ask for a group, in its own protocol. What the policies then read, the codec makes of it}
     *
     * @param group the group
     */
    protected abstract byte[] joining(String group);

    /**
     * Read the whole answer to a client that has joined.
     *
     * @param client the client
     * @throws IOException if the answer does not come, or is not the right one
     */
    protected abstract void readAnswer(StreamClient client) throws IOException;

    /**
     * {@return what a client sends for one message}
     *
     * @param message the bare message
     */
    protected abstract byte[] encoded(byte[] message);

    /**
     * Read one message that the forwarder sends to a client.
     *
     * @param client the client
     * @return the bare message
     * @throws IOException if no message comes
     */
    protected abstract byte[] readMessage(StreamClient client) throws IOException;

    /**
     * {@return what no member may send. Not called if the protocol allows everything, and {@link #declined} says so of {@link
     * Promise#NONSENSE_REPORTED}}
     */
    protected abstract byte[] nonsense();

    /**
     * {@return messages that the protocol can carry in both directions, to be sent in this order. The contract's own have any bytes,
     * and the sizes at which headers grow}
     */
    protected List<byte[]> messages() {
        var random = new Random(1);
        var sizes = new int[] {0, 1, 125, 126, 127, 65_535, 65_536, 100_000};
        return Arrays.stream(sizes)
                .mapToObj(size -> {
                    var message = new byte[size];
                    random.nextBytes(message);
                    return message;
                })
                .toList();
    }

    /** A client that speaks the protocol; one send and one receive are one message. */
    private final class Speaker implements ContractClient {
        private final StreamClient wire;

        Speaker(StreamClient wire) {
            this.wire = wire;
        }

        @Override
        public void send(byte[] bytes) throws IOException {
            wire.send(encoded(bytes));
        }

        @Override
        public byte[] receive(int n) throws IOException {
            return readMessage(wire);
        }

        @Override
        public void close() throws IOException {
            wire.close();
        }
    }

    @Override
    protected ContractClient connect(SocketAddress server, String group) throws IOException {
        var client = SocketClient.connect(server, patience());
        client.send(joining(group));
        if (!run().groups().isRefusing()) {
            readAnswer(client);
        }
        return new Speaker(client);
    }

    private Joined<Speaker> member(Running server) throws IOException {
        return run().join(server, "group", (address, group) -> (Speaker) connect(address, group));
    }

    private StreamClient dialled(Running server) throws IOException {
        return run().remember(SocketClient.connect(server.address(), patience()));
    }

    private void receive(Promise promise, Speaker receiver, List<byte[]> messages) {
        for (var message : messages) {
            byte[] got;
            try {
                got = receiver.receive(message.length);
            } catch (IOException e) {
                run().groups().verify();
                throw promise.broken("a message of " + message.length + " bytes did not arrive: " + e, e);
            }
            if (!Arrays.equals(got, message)) {
                throw promise.broken(
                        "a message of " + message.length + " bytes arrived as another one of " + got.length);
            }
        }
    }

    private byte[] together(List<byte[]> messages) {
        var all = new ByteArrayOutputStream();
        messages.forEach(message -> all.writeBytes(encoded(message)));
        return all.toByteArray();
    }

    @Test
    void messagesOfAllSizesKeepTheirBounds() throws IOException {
        var server = run().start();
        var sender = member(server);
        var receiver = member(server);
        sender.client().wire.send(together(messages()));
        receive(Promise.PUBLISHED, receiver.client(), messages());
    }

    @Test
    void everythingMayComeInPieces() throws IOException {
        var server = run().start();
        var receiver = member(server);
        var sender = dialled(server);
        for (var each : joining("group")) {
            sender.send(new byte[] {each});
        }
        readAnswer(sender);
        var small =
                messages().stream().filter(message -> message.length < 1_000).toList();
        for (var each : together(small)) {
            sender.send(new byte[] {each});
            run().groups().verify();
        }
        receive(Promise.CODEC_LEAVES, receiver.client(), small);
    }

    @Test
    void aLargeMessagePassesAndOneTooLargeClosesItsSender() throws IOException {
        applies(Promise.MESSAGE_BOUNDED);
        var server = run().start();
        var sender = member(server);
        var receiver = member(server);
        var large = new byte[LARGEST];
        Arrays.fill(large, (byte) 'x');
        sender.client().send(large);
        receive(Promise.MESSAGE_BOUNDED, receiver.client(), List.of(large));
        try {
            sender.client().send(Arrays.copyOf(large, LARGEST + 1));
        } catch (IOException _) {
            // The connection may be closed as soon as the size is known.
        }
        run().waiting()
                .await(
                        Promise.MESSAGE_BOUNDED,
                        "a message of " + (LARGEST + 1) + " bytes was not reported as too large",
                        () -> server.context().counters().get(Reason.MESSAGE_TOO_LARGE) == 1);
    }

    @Test
    void nonsenseEndsItsSenderAlone() throws IOException {
        applies(Promise.NONSENSE_REPORTED);
        var server = run().start();
        var bad = member(server);
        var a = member(server);
        var b = member(server);
        bad.client().wire.send(nonsense());
        run().waiting()
                .await(
                        Promise.NONSENSE_REPORTED,
                        "nonsense was not reported as " + Reason.PROTOCOL_ERROR,
                        () -> server.context().counters().get(Reason.PROTOCOL_ERROR) == 1);
        if (!bad.client().wire.awaitEnd()) {
            throw Promise.NONSENSE_REPORTED.broken("the connection was not closed");
        }
        a.client().send(bytes("still here"));
        expect(Promise.ONE_PEER_ALONE, b.client(), "still here");
    }

    @Test
    void aResetCostsThatPeerAlone() throws IOException {
        var server = run().start();
        var bad = member(server);
        var a = member(server);
        var b = member(server);
        bad.client().wire.reset();
        run().waiting()
                .await(
                        Promise.ONE_PEER_ALONE,
                        "a peer that reset its connection is still a member",
                        bad.membership()::hasLeft);
        a.client().send(bytes("after"));
        expect(Promise.ONE_PEER_ALONE, b.client(), "after");
    }

    @Test
    void aPeerThatEndsGetsWhatWaitsAndLeaves() throws IOException {
        var server = run().start();
        var peer = member(server);
        var messages = messages();
        for (var message : messages) {
            peer.membership().deliver(message);
        }
        peer.client().wire.endOutput();
        receive(Promise.DELIVERED, peer.client(), messages);
        if (!peer.client().wire.awaitEnd()) {
            throw Promise.ONE_PEER_ALONE.broken("the connection of a peer that ended its side was not closed");
        }
    }

    @Test
    void aPeerThatIsRejectedIsClosed() throws IOException {
        applies(Promise.REJECTED);
        Handshake rejecting = (_, _, _) -> new Handshake.Rejected(Reason.NOT_ADMITTED);
        var server =
                run().start(new ScriptedContext("endpoint", settings(), run().groups(), rejecting, new Places(1_000)));
        var client = dialled(server);
        client.send(joining("group"));
        run().waiting()
                .await(
                        Promise.REJECTED,
                        "a rejection was not reported exactly once",
                        () -> server.context().counters().get(Reason.NOT_ADMITTED) == 1);
        if (!client.awaitEnd()) {
            throw Promise.REJECTED.broken("the connection was not closed");
        }
    }

    @Test
    void equalEncodingsMakeEqualBytes() throws IOException {
        var server = run().start();
        var encodings = new ArrayList<Encoding>();
        for (int i = 0; i < 2; i++) {
            member(server).membership().encoding().ifPresent(encodings::add);
        }
        for (var kind : MessageKind.values()) {
            for (var message : messages()) {
                var first = encode(encodings.getFirst(), message, kind);
                encode(encodings.getFirst(), bytes("something else"), kind);
                boolean isSame = first.equals(encode(encodings.getFirst(), message, kind));
                boolean areSame = !encodings.getFirst().equals(encodings.getLast())
                        || first.equals(encode(encodings.getLast(), message, kind));
                if (!isSame || !areSame) {
                    throw Promise.ENCODING_EQUAL.broken(
                            "a message of " + message.length + " bytes was encoded in two ways");
                }
            }
        }
    }

    private static ByteBuffer encode(Encoding encoding, byte[] message, MessageKind kind) {
        var bare = ByteBuffer.allocateDirect(message.length).put(0, message);
        var into = ByteBuffer.allocateDirect(Math.toIntExact(encoding.maxBytes(message.length)));
        return encoding.encode(bare, kind, into) ? into.flip() : into.clear().limit(0);
    }

    /** Count the bytes of members, which are more than those of the messages. */
    @Test
    @Override
    void bytesAndMembersAreCounted() throws IOException {
        var server = run().start();
        var sender = member(server);
        var receiver = member(server);
        for (int i = 0; i < 10; i++) {
            sender.client().send(bytes("0123456789"));
            expect(Promise.FLUSHED, receiver.client(), "0123456789");
        }
        run().waiting()
                .await(
                        Promise.COUNTED,
                        "fewer bytes are counted than were sent",
                        () -> server.count(Counter.BYTES_IN) >= 100 && server.count(Counter.BYTES_OUT) >= 100);
        run().stop(server);
        run().waiting()
                .await(
                        Promise.COUNTED,
                        "members or connections are counted after the stop",
                        () -> server.count(Counter.MEMBERS) == 0 && server.count(Counter.CONNECTIONS) == 0);
    }
}
