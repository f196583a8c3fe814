package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/**
 * A connection that is no member yet, on any loop. It goes through its {@link Stage}s, one after the other, and becomes a
 * {@link Connection} on its group's loop, or is closed. All stages together are bounded in time, each in bytes.
 */
final class Arriving implements EventLoop.Selectable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final String MAKES_ROOM = "it had not joined, and makes room for another address";

    private final StreamServer server;
    private final Door.Entry entry;
    private final EventLoop loop;

    private Wire wire;
    private Peer peer;
    private Stage stage; // null: none has begun
    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private volatile boolean over; // read by the threads that run tasks of a TLS handshake

    Arriving(StreamServer server, Wire wire, Peer peer, Door.Entry entry, EventLoop loop) {
        this.server = server;
        this.wire = wire;
        this.peer = peer;
        this.entry = entry;
        this.loop = loop;
    }

    StreamServer server() {
        return server;
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

    /** Register with the loop, on its thread, and begin. */
    void begin(boolean isProxied) {
        server.population().add(this);
        deadline = loop.deadlines.in(server.settings().firstMessageTimeout().toNanos(), this::onTimeout);
        loop.attempt(this, () -> {
            if (server.isQuiescing()) {
                end(Reason.STOPPED);
                return;
            }
            try {
                key = wire.socket().register(loop.selector(), SelectionKey.OP_READ, this);
            } catch (IOException _) {
                end(Reason.PEER_RESET);
                return;
            }
            entry.onEvicted(reason -> loop.execute(this, () -> refuse(reason, MAKES_ROOM)));
            next(isProxied ? new ProxyStage(this) : server.reception().stageOfClient(this));
        });
    }

    private void onTimeout() {
        loop.attempt(this, () -> stage.onTimeout());
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
        if (!entry.joined()) {
            refuse(entry.evicted().orElseThrow(), MAKES_ROOM);
            return;
        }
        over = true;
        deadline.cancel();
        server.population().remove(this);
        var group = server.loops().enter(id);
        var connection = new Connection(server, wire, peer, entry, group, early);
        if (group.loop() == loop) {
            loop.attempt(connection, () -> {
                key.attach(connection);
                key.interestOps(SelectionKey.OP_READ);
                connection.join(key, greeting);
            });
        } else {
            key.cancel();
            group.loop().execute(connection, () -> connection.moveAndJoin(greeting));
        }
    }

    void refuse(Reason reason, String detail) {
        if (!over) {
            server.refused(reason, peer, detail, stage == null ? NOTHING : stage.received());
            end(reason);
        }
    }

    /** Close without a word. */
    void end(Reason reason) {
        if (!over) {
            over = true;
            deadline.cancel();
            server.population().remove(this);
            server.reception().forget(wire, entry, reason);
        }
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return (stage == null ? "the beginning" : stage) + " of " + Printable.line(HostPort.text(peer.remote()));
    }
}
