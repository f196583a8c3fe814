package dev.socketforwarder.transport.tcp;

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

/**
 * A connection whose peer has not said its group yet, on any loop. It becomes a {@link Connection} on the group's loop, or
 * is closed. Bounded in bytes and in time.
 */
final class Handshaking implements Arriving {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final TcpEndpoint endpoint;
    private final SocketChannel channel;
    private final Peer peer;
    private final Door.Entry entry;
    private final EventLoop loop;

    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private ByteBuffer received; // null: no byte yet
    private boolean over;

    Handshaking(TcpEndpoint endpoint, SocketChannel channel, Peer peer, Door.Entry entry, EventLoop loop) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.peer = peer;
        this.entry = entry;
        this.loop = loop;
    }

    @Override
    public TcpEndpoint endpoint() {
        return endpoint;
    }

    /** Ask the policies, first without a byte. */
    @Override
    public void begin() {
        if (endpoint.isQuiescing()) {
            endpoint.forget(channel, entry);
            return;
        }
        try {
            key = channel.register(loop.selector(), SelectionKey.OP_READ, this);
        } catch (IOException _) {
            endpoint.forget(channel, entry);
            return;
        }
        var timeout = endpoint.settings().firstMessageTimeout();
        deadline = loop.deadlines.in(timeout.toNanos(), () -> refuse(Reason.FIRST_MESSAGE_TIMEOUT, ""));
        decide(Arrival.NONE);
    }

    @Override
    public void onReady(SelectionKey ready) {
        var arrival = received == null ? Arrival.FIRST_READ : Arrival.MORE;
        var buffer = loop.scratch();
        try {
            int soFar = received == null ? 0 : received.position();
            int n = channel.read(buffer.limit(endpoint.settings().firstMessageLimit() - soFar));
            if (n < 0) {
                onEnd();
            } else if (n > 0) {
                keep(buffer.flip());
                decide(arrival);
            }
        } catch (IOException _) {
            onEnd();
        }
    }

    private void onEnd() {
        refuse(received == null ? Reason.PROBE : Reason.FIRST_MESSAGE_INCOMPLETE, "");
    }

    private void keep(ByteBuffer bytes) {
        if (received == null) {
            received = ByteBuffer.allocate(endpoint.settings().firstMessageLimit());
        }
        received.put(bytes);
    }

    private ByteBuffer soFar() {
        return received == null ? NOTHING : received.asReadOnlyBuffer().flip();
    }

    private void decide(Arrival arrival) {
        if (endpoint.door().expectsProxies() && ProxyHeader.isAtStartOf(soFar())) {
            refuse(Reason.PROXY_HEADER_UNEXPECTED, "");
            return;
        }
        switch (endpoint.handshake().consider(peer, soFar(), arrival)) {
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
        over = true;
        deadline.cancel();
        entry.joined();
        var early = soFar();
        early.position(consumed);
        var group = endpoint.loops().enter(GroupId.of(argument));
        var connection = new Connection(endpoint, channel, peer, entry, group, early);
        if (group.loop() == loop) {
            key.attach(connection);
            connection.join(key);
        } else {
            key.cancel();
            group.loop().execute(connection::moveAndJoin);
        }
    }

    private void refuse(Reason reason, String detail) {
        if (!over) {
            endpoint.refused(reason, peer, detail, soFar());
            end();
        }
    }

    /** Close without a word; for the stop. */
    @Override
    public void end() {
        if (!over) {
            over = true;
            deadline.cancel();
            endpoint.forget(channel, entry);
        }
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return "the handshake of " + TcpEndpoint.text(peer.remote());
    }
}
