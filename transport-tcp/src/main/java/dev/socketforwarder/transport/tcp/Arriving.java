package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.time.Duration;

/**
 * A connection that is no member yet, on any loop. It goes through its {@link Stage}s, one after the other, and becomes a
 * {@link Connection} on its group's loop, or is closed. All stages together are bounded in time, each in bytes.
 */
final class Arriving implements EventLoop.Selectable {
    private final TcpEndpoint endpoint;
    private final Door.Entry entry;
    private final EventLoop loop;

    private Wire wire;
    private Peer peer;
    private Stage stage;
    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private volatile boolean over; // read by the threads that run tasks of a TLS handshake

    Arriving(TcpEndpoint endpoint, Wire wire, Peer peer, Door.Entry entry, EventLoop loop) {
        this.endpoint = endpoint;
        this.wire = wire;
        this.peer = peer;
        this.entry = entry;
        this.loop = loop;
    }

    TcpEndpoint endpoint() {
        return endpoint;
    }

    EventLoop loop() {
        return loop;
    }

    Door.Entry entry() {
        return entry;
    }

    Wire wire() {
        return wire;
    }

    /** Read and write through this from now on. */
    void wire(Wire other) {
        wire = other;
    }

    Peer peer() {
        return peer;
    }

    /** More is known of the peer. */
    void peer(Peer known) {
        peer = known;
    }

    boolean isOver() {
        return over;
    }

    /**
     * Register with the loop, on its thread, and begin.
     *
     * @param operations what the socket is to be ready for
     * @param limit for all stages together
     */
    void begin(Stage first, int operations, Duration limit) {
        if (endpoint.isQuiescing()) {
            forget(Reason.STOPPED);
            return;
        }
        try {
            key = wire.socket().register(loop.selector(), operations, this);
        } catch (IOException _) {
            forget(Reason.PEER_RESET);
            return;
        }
        deadline = loop.deadlines.in(limit.toNanos(), () -> stage.onTimeout());
        next(first);
    }

    /** This stage is over, that one begins. */
    void next(Stage following) {
        stage = following;
        stage.begin();
    }

    /** Wait until the socket is ready for this. */
    void await(int operations) {
        key.interestOps(operations);
    }

    @Override
    public void onReady(SelectionKey ready) {
        stage.onReady();
    }

    /**
     * All stages are over.
     *
     * @param greeting what the member is sent first
     * @param early what came behind the stages already
     */
    void join(GroupId id, Greeting greeting, ByteBuffer early) {
        over = true;
        deadline.cancel();
        entry.joined();
        var group = endpoint.loops().enter(id);
        var connection = new Connection(endpoint, wire, peer, entry, group, early);
        if (group.loop() == loop) {
            key.attach(connection);
            key.interestOps(SelectionKey.OP_READ);
            connection.join(key, greeting);
        } else {
            key.cancel();
            group.loop().execute(() -> connection.moveAndJoin(greeting));
        }
    }

    void refuse(Reason reason, String detail) {
        if (!over) {
            endpoint.refused(reason, peer, detail, stage.received());
            end(reason);
        }
    }

    /** Close without a word. */
    void end(Reason reason) {
        if (!over) {
            deadline.cancel();
            forget(reason);
        }
    }

    private void forget(Reason reason) {
        over = true;
        endpoint.forget(wire, entry, reason);
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return stage + " of " + TcpEndpoint.text(peer.remote());
    }
}
