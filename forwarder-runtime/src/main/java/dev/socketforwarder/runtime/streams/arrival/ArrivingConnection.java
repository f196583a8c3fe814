package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.member.Connection;
import dev.socketforwarder.runtime.streams.member.Dialogue;
import dev.socketforwarder.runtime.streams.member.Greeting;
import dev.socketforwarder.runtime.streams.member.RefusalReply;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.wire.Wire;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.function.BiConsumer;

/**
 * A connection that is no member yet, on any loop. It passes through its {@link Stage}s one after the other, and then
 * becomes a {@link Connection} on its group's loop, or is closed. All stages together are bounded in time, and each
 * stage is bounded in bytes.
 */
public final class ArrivingConnection implements EventLoop.Selectable {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final String MAKES_ROOM = "evicted before the join, to make room for another address";

    private final Reception reception;
    private final StreamContext shared;
    private final Admission.Entry entry;
    private final EventLoop loop;

    private Wire wire;
    private Peer peer;
    private Stage stage; // null: no stage has begun
    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private volatile boolean over; // also read by the threads that run tasks of a TLS handshake

    ArrivingConnection(Reception reception, Wire wire, Peer peer, Admission.Entry entry, EventLoop loop) {
        this.reception = reception;
        this.shared = reception.shared();
        this.wire = wire;
        this.peer = peer;
        this.entry = entry;
        this.loop = loop;
    }

    Reception reception() {
        return reception;
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    Admission.Entry entry() {
        return entry;
    }

    Wire wire() {
        return wire;
    }

    /** Read and write through {@code other} from now on. */
    void wire(Wire other) {
        wire = other;
    }

    Peer peer() {
        return peer;
    }

    /** Replace what is known of the peer. */
    void peer(Peer known) {
        peer = known;
    }

    boolean isOver() {
        return over;
    }

    /** Register with the loop, and begin the first stage. On the loop's thread. */
    void begin(boolean isProxied) {
        reception.arriving().add(this);
        deadline = loop.deadlines().in(shared.settings().firstMessageTimeout().toNanos(), this::onTimeout);
        loop.attempt(this, () -> {
            if (shared.isQuiescing()) {
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
            next(isProxied ? new ProxyStage(this) : reception.stageOfClient(this));
        });
    }

    private void onTimeout() {
        loop.attempt(this, () -> stage.onTimeout());
    }

    /** End the current stage, and begin the next. */
    void next(Stage following) {
        stage = following;
        stage.begin();
    }

    /** Wait until the socket is ready for {@code operations}. */
    void await(int operations) {
        key.interestOps(operations);
    }

    @Override
    public void onReady(SelectionKey ready) {
        stage.onReady();
    }

    /**
     * Join the group, because all stages are over.
     *
     * @param greeting makes the first bytes that the member is sent
     * @param early the bytes that came behind those of the stages
     */
    void join(GroupId id, Greeting greeting, ByteBuffer early) {
        join(id, greeting, early, null);
    }

    /** Join the group, because all stages are over; {@code dialogue} is that of the connection's codec, or null. */
    void join(GroupId id, Greeting greeting, ByteBuffer early, Dialogue dialogue) {
        if (!entry.joined()) {
            refuse(entry.evicted().orElseThrow(), MAKES_ROOM);
            return;
        }
        over = true;
        deadline.cancel();
        reception.arriving().remove(this);
        var group = shared.loops().enter(id);
        var connection = new Connection(shared, wire, peer, forgetting(reception, entry), group, early, dialogue);
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

    /** {@return the end of a connection} Static, or each member would keep its arrival from the collector. */
    private static BiConsumer<Wire, Reason> forgetting(Reception reception, Admission.Entry entry) {
        return (closing, reason) -> reception.forget(closing, entry, reason);
    }

    void refuse(Reason reason, String detail) {
        if (!over) {
            shared.refused(reason, peer, detail, stage == null ? NOTHING : stage.received());
            if (stage != null && stage.canReply()) {
                RefusalReply.send(shared, wire, reason, loop.scratch());
            }
            end(reason);
        }
    }

    /** Close the connection as its codec says. */
    void end(Dialogue.End end) {
        if (!over) {
            if (end.reason() == Reason.PEER_CLOSED) {
                shared.context().counters().add(end.reason(), 1);
            } else {
                shared.refused(end.reason(), peer, end.detail(), NOTHING);
            }
            end(end.reason());
        }
    }

    /** Close the connection without a log message. */
    public void end(Reason reason) {
        if (!over) {
            over = true;
            deadline.cancel();
            reception.arriving().remove(this);
            if (stage != null) {
                stage.end(reason);
            }
            reception.forget(wire, entry, reason);
        }
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return (stage == null ? "the beginning" : stage) + " of " + Printable.line(AddressText.of(peer.remote()))
                + " at the endpoint " + peer.endpoint();
    }
}
