package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.testkit.ContractRun.Joined;
import dev.socketforwarder.testkit.ContractRun.Running;
import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tests what the API promises of every transport with connections, including what it promises of every transport. */
public abstract class StreamContract extends TransportContract {
    /** More bytes than the kernel holds between two sockets. */
    private static final int MUCH = 16 << 20;
    /** How many bytes a transport may have read before the pause took effect. */
    private static final int READ_AHEAD = 256 << 10;

    private static final int CHUNK = 64 << 10;

    /** For subclasses. */
    protected StreamContract() {}

    /**
     * Connect a client that has sent nothing yet.
     *
     * @param server the address of the endpoint
     * @return the client; the contract closes it
     * @throws IOException if the connection fails
     */
    protected StreamClient dial(SocketAddress server) throws IOException {
        return SocketClient.connect(server, patience());
    }

    @Override
    protected StreamClient connect(SocketAddress server, String group) throws IOException {
        var client = dial(server);
        client.send(bytes(ScriptedContext.firstMessage(group)));
        return client;
    }

    private Joined<StreamClient> join(Running server, String group) throws IOException {
        return run().join(server, group, this::connect);
    }

    private StreamClient dialled(Running server) throws IOException {
        return run().remember(dial(server.address()));
    }

    private static byte[] noise(int n) {
        var bytes = new byte[n];
        new Random(n).nextBytes(bytes);
        return bytes;
    }

    /** Start an action on another thread, and return at once. */
    private static <T> FutureTask<T> beside(Callable<T> action) {
        var task = new FutureTask<>(action);
        Thread.ofVirtual().start(task);
        return task;
    }

    private <T> T result(Promise promise, String seen, FutureTask<T> task) throws Exception {
        run().waiting().await(promise, seen, task::isDone);
        return task.get(1, TimeUnit.SECONDS);
    }

    @Test
    void groupsAreThoseThatPeersNamed() throws IOException {
        var server = run().start();
        var a = join(server, "one");
        var b = join(server, "two \u00e9");

        for (var pair : List.of(List.of("one", a), List.of("two \u00e9", b))) {
            var joined = (Joined<?>) pair.getLast();
            if (!joined.membership().group().equals(GroupId.of((String) pair.getFirst()))) {
                throw Promise.PUBLISHED.broken("a peer that asked for " + pair.getFirst() + " joined "
                        + joined.membership().group());
            }
        }
    }

    @Test
    void aFirstMessageMayComeInPiecesAndWithDataBehindIt() throws IOException {
        applies(Promise.REST_IS_DATA);
        var server = run().start();
        var receiver = join(server, "group");
        var client = dialled(server);
        var first = ScriptedContext.firstMessage("group");
        for (int i = 0; i < first.length() - 1; i++) {
            client.send(bytes(first.substring(i, i + 1)));
        }
        client.send(bytes("\ndata"));

        expect(Promise.REST_IS_DATA, receiver.client(), "data");
        client.send(bytes(" and more"));
        expect(Promise.REST_IS_DATA, receiver.client(), " and more");
    }

    @Test
    void aChallengeIsSent() throws IOException {
        applies(Promise.CHALLENGE_SENT);
        var server = run().start();
        var receiver = join(server, "group");
        var client = dialled(server);

        client.send(bytes(ScriptedHandshake.ASK + "group\n"));
        expect(Promise.CHALLENGE_SENT, client, ScriptedHandshake.QUESTION);
        client.send(bytes(ScriptedHandshake.ANSWER + "data"));
        expect(Promise.CHALLENGE_SENT, receiver.client(), "data");
    }

    @Test
    void aPeerThatIsRejectedIsClosed() throws IOException {
        applies(Promise.REJECTED);
        var server = run().start();
        var client = dialled(server);

        client.send(bytes("NONSENSE\n"));

        closed(Promise.REJECTED, client, server, Reason.NOT_ADMITTED);
    }

    @Test
    void anEndlessFirstMessageIsBounded() throws IOException {
        applies(Promise.FIRST_MESSAGE_BOUNDED);
        var server = run().start();
        var client = dialled(server);
        var flood = beside(() -> {
            client.send(bytes(ScriptedHandshake.JOIN));
            client.send(bytes("x".repeat(MUCH)));
            return true;
        });

        run().waiting()
                .await(
                        Promise.FIRST_MESSAGE_BOUNDED,
                        "the transport still waited after " + MUCH + " bytes of a first message",
                        () -> server.context().counters().get(Reason.FIRST_MESSAGE_TOO_LONG) == 1);
        run().waiting()
                .await(Promise.FIRST_MESSAGE_BOUNDED, "the connection of that peer was not closed", flood::isDone);
    }

    @Test
    void aRefusedJoinCloses() throws IOException {
        var server = run().start();
        run().groups().refuse(Reason.TOO_MANY_GROUPS);

        closed(
                Promise.JOIN_REFUSED,
                run().remember(connect(server.address(), "group")),
                server,
                Reason.TOO_MANY_GROUPS);
    }

    @Test
    void aConnectionTakesAPlace() throws IOException {
        var places = new Places(1);
        var server = run().start(
                        new ScriptedContext("endpoint", settings(), run().groups(), new ScriptedHandshake(), places));
        var first = join(server, "group");

        closed(Promise.PLACES, dialled(server), server, Reason.TOO_MANY_CONNECTIONS);
        first.client().close();
        run().waiting().await(Promise.PLACES, "the place of a closed connection was not given back", () -> {
            boolean free = places.take();
            if (free) {
                places.giveBack();
            }
            return free;
        });
    }

    private void closed(Promise promise, StreamClient client, Running server, Reason reason) {
        run().waiting()
                .await(
                        promise,
                        reason.label() + " was not reported exactly once",
                        () -> server.context().counters().get(reason) == 1);
        if (!client.awaitEnd()) {
            throw promise.broken("the connection was not closed");
        }
    }

    @Test
    void aPausedPeerIsNotReadAndLosesNothing() throws Exception {
        var sender = join(run().start(), "group");
        var sent = noise(MUCH);
        sender.membership().pause(true);
        int before = sender.membership().publishedBytes();
        var sending = beside(() -> {
            sender.client().send(sent);
            return true;
        });
        long endNs = System.nanoTime() + 300_000_000; // nothing may be published until then
        for (int turns = 0; turns < 200 || System.nanoTime() < endNs; turns++) {
            sender.membership().await(() -> {});
            if (sender.membership().publishedBytes() - before > READ_AHEAD) {
                throw Promise.PAUSED.broken(
                        "the transport published more than " + READ_AHEAD + " bytes of a paused peer");
            }
        }

        sender.membership().pause(false);

        run().waiting()
                .await(
                        Promise.RESUMED,
                        "the transport did not publish all bytes that the peer sent",
                        () -> sender.membership().publishedBytes() >= MUCH);
        result(Promise.RESUMED, "the sender could not send all its bytes", sending);
        if (!Arrays.equals(sender.membership().published(), sent)) {
            throw Promise.PUBLISHED.broken("the published bytes differ from the bytes that the peer sent");
        }
    }

    @Test
    void aSlowReaderGetsEverythingAndNobodyWaits() throws IOException {
        var server = run().start();
        var slow = join(server, "slow");
        var a = join(server, "group");
        var b = join(server, "group");
        var sent = noise(MUCH);
        for (int at = 0; at < MUCH; at += CHUNK) {
            slow.membership().deliver(Arrays.copyOfRange(sent, at, at + CHUNK));
        }
        a.client().send(bytes("meanwhile"));
        expect(Promise.MEMBER_RETURNS, b.client(), "meanwhile");

        for (int at = 0; at < MUCH; ) {
            int n = Math.min(MUCH - at, 100_003);
            byte[] got;
            try {
                got = slow.client().receive(n);
            } catch (IOException e) {
                throw Promise.DELIVERED.broken("the peer received nothing after " + at + " of " + MUCH + " bytes", e);
            }
            if (!Arrays.equals(got, Arrays.copyOfRange(sent, at, at + n))) {
                throw Promise.DELIVERED.broken(
                        "the bytes that the peer received after the first " + at + " differ from the delivered bytes");
            }
            at += n;
        }
    }

    @Test
    void aResetCostsThatPeerAlone() throws IOException {
        var server = run().start();
        var a = join(server, "group");
        var b = join(server, "group");
        var bad = join(server, "group");
        a.client().send(bytes("before"));
        expect(Promise.FLUSHED, b.client(), "before");

        bad.client().reset();

        run().waiting()
                .await(
                        Promise.ONE_PEER_ALONE,
                        "a peer that reset its connection is still a member",
                        bad.membership()::hasLeft);
        a.client().send(bytes("after"));
        expect(Promise.ONE_PEER_ALONE, b.client(), "after");
        b.client().send(bytes("and back"));
        expect(Promise.ONE_PEER_ALONE, a.client(), "and back");
    }

    @Test
    void aPeerThatEndsLeavesAndGetsWhatWaits() throws IOException {
        var server = run().start();
        var peer = join(server, "group");
        var sent = noise(4 << 20);
        peer.membership().deliver(sent);

        peer.client().endOutput();

        byte[] got;
        try {
            got = peer.client().receive(sent.length);
        } catch (IOException e) {
            throw Promise.DELIVERED.broken("a peer that ended its side did not receive the bytes queued for it", e);
        }
        if (!Arrays.equals(got, sent)) {
            throw Promise.DELIVERED.broken(
                    "a peer that ended its side received " + got.length + " of " + sent.length + " bytes");
        }
        if (!peer.client().awaitEnd()) {
            throw Promise.ONE_PEER_ALONE.broken("the connection of a peer that ended its side was not closed");
        }
        run().waiting()
                .await(
                        Promise.COUNTED,
                        "the closed connection is still counted",
                        () -> server.count(Counter.CONNECTIONS) == 0);
    }

    @Test
    void aMemberThatIsClosedLeaves() throws IOException {
        var server = run().start();
        var a = join(server, "group");
        var b = join(server, "group");
        var c = join(server, "group");

        a.membership().close(Reason.STALLED);

        run().groups().verify();
        b.client().send(bytes("still here"));
        expect(Promise.CLOSED, c.client(), "still here");
        run().waiting()
                .await(Promise.COUNTED, "the count of members is not 2", () -> server.count(Counter.MEMBERS) == 2);
    }

    @Test
    void aMemberThatIsClosedSeesTheEnd() throws IOException {
        var peer = join(run().start(), "group");

        peer.membership().close(Reason.STALLED);

        if (!peer.client().awaitEnd()) {
            throw Promise.CLOSED.broken("the connection of the closed member is still open");
        }
    }

    @Test
    void nobodyComesInWhileItQuiesces() throws IOException {
        var server = run().start();
        var address = server.address();
        server.endpoint().quiesce(ContractRun.GRACE);
        int before = run().groups().joined().size();

        try (var late = connect(address, "group")) {
            if (!late.awaitEnd() || run().groups().joined().size() > before) {
                throw Promise.QUIESCED.broken("a peer that connected later was accepted");
            }
        } catch (IOException _) {
            // The connection was refused, which is right.
        }
    }

    @Test
    void theStopFlushesThenEnds() throws Exception {
        var server = run().start();
        var peer = join(server, "group");
        var sent = noise(MUCH);
        peer.membership().deliver(sent);
        server.endpoint().quiesce(ContractRun.GRACE);
        // The kernel would reset the connection if these bytes were still unread at the close.
        peer.client().send(noise(1_000));

        var stopping = beside(() -> run().stop(server, patience()));
        byte[] got;
        int behind;
        try {
            got = peer.client().receive(sent.length);
            behind = peer.client().receive(1).length;
        } catch (IOException e) {
            throw Promise.STOPPED.broken(
                    "a peer that reads did not receive the queued bytes and then the end of the stream: " + e, e);
        }
        if (!Arrays.equals(got, sent) || behind != 0) {
            throw Promise.STOPPED.broken("a peer that reads received " + got.length + " of " + sent.length + " bytes");
        }
        peer.client().close();
        var unsent = result(Promise.STOPPED, "stop() has not returned", stopping);
        if (!unsent.equals(Unsent.NONE)) {
            throw Promise.UNSENT.broken("stop() says that bytes were lost: " + unsent);
        }
    }

    @Test
    void theStopTellsWhatIsLost() throws Exception {
        var server = run().start();
        join(server, "group").membership().deliver(noise(MUCH));

        var stopping = beside(() -> run().stop(server, Duration.ofMillis(100)));

        var unsent =
                result(Promise.STOPPED, "stop() waits longer than its limit for a peer that does not read", stopping);
        if (unsent.members() != 1 || unsent.bytes() < 1 || unsent.bytes() > MUCH) {
            throw Promise.UNSENT.broken("one peer read none of " + MUCH + " bytes, and stop() says " + unsent);
        }
        run().waiting()
                .await(
                        Promise.STOPPED,
                        "queues still hold memory",
                        () -> run().groups().heldBytes() == 0);
    }
}
