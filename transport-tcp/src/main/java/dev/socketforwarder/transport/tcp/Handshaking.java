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

/**
 * A connection whose peer has not said its group yet, on any loop. It becomes a {@link Connection} on the group's loop, or
 * is closed. Bounded in bytes and in time.
 */
final class Handshaking implements Arriving {
    private static final byte TLS_HANDSHAKE = 22;
    private static final byte TLS_MAJOR_VERSION = 3;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private final TcpEndpoint endpoint;
    private final Wire wire;
    private final Peer peer;
    private final Door.Entry entry;
    private final EventLoop loop;

    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private ByteBuffer received; // null: no byte yet
    private boolean over;

    Handshaking(TcpEndpoint endpoint, Wire wire, Peer peer, Door.Entry entry, EventLoop loop) {
        this.endpoint = endpoint;
        this.wire = wire;
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
            endpoint.forget(wire, entry);
            return;
        }
        try {
            key = wire.socket().register(loop.selector(), SelectionKey.OP_READ, this);
        } catch (IOException _) {
            endpoint.forget(wire, entry);
            return;
        }
        begin(key, endpoint.settings().firstMessageTimeout().toNanos());
    }

    /** Do so for one that is registered and has used up some of its time. */
    void begin(SelectionKey registered, long leftNs) {
        key = registered;
        deadline = loop.deadlines.in(leftNs, () -> refuse(Reason.FIRST_MESSAGE_TIMEOUT, ""));
        decide(Arrival.NONE);
        readMore();
    }

    @Override
    public void onReady(SelectionKey ready) {
        receive();
        readMore();
    }

    /** What came with something before it is there already, and the selector does not tell of it. */
    private void readMore() {
        while (!over && wire.hasMore()) {
            receive();
        }
        if (!over && wire.isReadBlocked()) {
            refuse(Reason.NOT_ADMITTED, "it does not take what it is sent");
        }
    }

    private void receive() {
        var arrival = received == null ? Arrival.FIRST_READ : Arrival.MORE;
        var buffer = loop.scratch();
        try {
            int soFar = received == null ? 0 : received.position();
            int n = wire.read(buffer.limit(endpoint.settings().firstMessageLimit() - soFar));
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
            wire.write(reply);
        } catch (IOException _) {
            onEnd();
            return;
        }
        if (reply.hasRemaining() || !wire.isFlushed()) {
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
        var connection = new Connection(endpoint, wire, peer, entry, group, early);
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
            var bytes = soFar();
            endpoint.refused(beginsTls(bytes) ? Reason.UNEXPECTED_TLS : reason, peer, detail, bytes);
            end();
        }
    }

    /** {@return whether this is a TLS record of a handshake; no prefix begins with a control character} */
    private static boolean beginsTls(ByteBuffer bytes) {
        return bytes.remaining() > 0
                && bytes.get(0) == TLS_HANDSHAKE
                && (bytes.remaining() == 1 || bytes.get(1) == TLS_MAJOR_VERSION);
    }

    @Override
    public void end() {
        if (!over) {
            over = true;
            deadline.cancel();
            endpoint.forget(wire, entry);
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
