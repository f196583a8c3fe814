package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Deadlines.Deadline;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

/** A connection whose first message is not over: bounded in time and bytes. On its server's loop. */
final class StreamArrival implements EndpointLoop.Ready {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final StreamServer server;
    private final SocketChannel channel;
    private final Peer peer;
    private final int number;
    private SelectionKey key;
    private Deadline deadline;
    private ByteBuffer received; // null: no byte yet
    private boolean over;

    StreamArrival(StreamServer server, SocketChannel channel, Peer peer, int number) {
        this.server = server;
        this.channel = channel;
        this.peer = peer;
        this.number = number;
    }

    /** Ask the policies, first without a byte. */
    void begin(boolean isTooLate) {
        if (isTooLate) {
            end(Reason.STOPPED);
        } else if (!server.settings().filter().admits(peer)) {
            refuse(Reason.DENIED_ADDRESS, "");
        } else {
            try {
                key = server.loop().register(channel, SelectionKey.OP_READ, this);
            } catch (IOException | RuntimeException _) {
                end(Reason.PEER_RESET);
                return;
            }
            long limitNs = server.settings().firstMessageTimeout().toNanos();
            deadline = server.loop().deadlines().in(limitNs, () -> refuse(Reason.FIRST_MESSAGE_TIMEOUT, ""));
            decide(Arrival.NONE);
        }
    }

    @Override
    public void onReady(SelectionKey ready) {
        var arrival = received == null ? Arrival.FIRST_READ : Arrival.MORE;
        int limit = server.settings().firstMessageLimit();
        var buffer = server.buffer();
        try {
            int n = channel.read(buffer.limit(limit - (received == null ? 0 : received.position())));
            if (n < 0) {
                onEnd();
            } else if (n > 0) {
                received = received == null ? ByteBuffer.allocate(limit) : received;
                received.put(buffer.flip());
                decide(arrival);
            }
        } catch (IOException _) {
            onEnd();
        }
    }

    private void onEnd() {
        refuse(received == null ? Reason.PROBE : Reason.FIRST_MESSAGE_INCOMPLETE, "");
    }

    private ByteBuffer received() {
        return received == null ? NOTHING : received.asReadOnlyBuffer().flip();
    }

    private void decide(Arrival arrival) {
        switch (server.handshake().consider(peer, received(), arrival)) {
            case Admitted(var argument, var consumed) -> admit(argument, consumed);
            case Declined(var reason) -> refuse(reason, "");
            case Rejected(var reason) -> refuse(reason, "");
            case Challenge(var reply) -> {
                challenge(reply);
                awaitMore();
            }
            case NeedMore() -> awaitMore();
        }
    }

    private void awaitMore() {
        if (received != null && !received.hasRemaining()) {
            refuse(Reason.FIRST_MESSAGE_TOO_LONG, "");
        }
    }

    private void challenge(ByteBuffer reply) {
        try {
            channel.write(reply);
        } catch (IOException _) {
            onEnd();
            return;
        }
        if (reply.hasRemaining()) {
            refuse(Reason.NOT_ADMITTED, "it does not take the challenge");
        }
    }

    private void admit(String argument, int consumed) {
        if (!GroupId.isValid(argument)) {
            refuse(Reason.BAD_GROUP_ID, "");
            return;
        }
        leave();
        var member = new StreamMember(server, channel, peer, number, received().position(consumed));
        key.attach(member);
        member.join(GroupId.of(argument), key);
    }

    private void refuse(Reason reason, String detail) {
        if (!over) {
            server.context().refused(reason, peer.remote(), detail, received());
            close();
        }
    }

    /** Close without a word. */
    void end(Reason reason) {
        if (!over) {
            server.context().counters().add(reason, 1);
            close();
        }
    }

    private void close() {
        leave();
        server.forget(channel, true);
    }

    private void leave() {
        over = true;
        if (deadline != null) {
            deadline.cancel();
        }
        server.arrived(this);
    }

    @Override
    public void failed(Throwable thrown) {
        refuse(Reason.INTERNAL_ERROR, "");
    }
}
