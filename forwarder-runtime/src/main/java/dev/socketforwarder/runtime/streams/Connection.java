package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.runtime.groups.Measured;
import dev.socketforwarder.runtime.groups.Sourced;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A connection whose peer is in a group, on the group's loop: what becomes of it when something happens to its {@link
 * Reading} or its {@link Writing}.
 *
 * <pre>
 *   member ──FIN──> leaving ──all written──> closed
 *     │  └──FIN, half-close: keep──> receiver ──write fails──> closed
 *     ├──RST, stalled────────────────────────────────────────> closed
 *     └──stop──> leaving ──output shut──> lingering ──peer's FIN, silence──> closed
 * </pre>
 */
final class Connection implements Member, Measured, Sourced, EventLoop.Selectable {
    private static final Logger LOG = System.getLogger(Connection.class.getName());

    /** How long a paused member that was reset is kept for what it had sent. */
    private static final long UNREAD_NS = TimeUnit.SECONDS.toNanos(3);

    /** Whether it stands in its group's ready list; the loop keeps it. */
    boolean readyListed;
    /** In which round of deadlines it was put there; the loop keeps it too. */
    int readyRound;

    /** Whether the loop's {@link ResetProbe} has it; that keeps it. */
    boolean probeListed;

    private final StreamServer server;
    private final Wire wire;
    private final Peer peer;
    private final Door.Entry entry;
    private final LoopGroup group;
    private final EventLoop loop;
    private final int number; // among the members of its server
    private final Silence idle;
    private final Reading reading;

    // These from the join on.
    private Membership membership;
    private Writing writing;
    private SelectionKey key;

    private int interest = SelectionKey.OP_READ;
    private long resetNs; // when a probe first found the connection reset; 0: none did
    private boolean awaitsTurn; // it will be read, and not in this turn
    private boolean left;
    private boolean closed;
    private Leaving leaving; // null: it stays

    Connection(StreamServer server, Wire wire, Peer peer, Door.Entry entry, LoopGroup group, ByteBuffer early) {
        this.server = server;
        this.wire = wire;
        this.peer = peer;
        this.entry = entry;
        this.group = group;
        this.loop = group.loop();
        this.number = server.nextNumber();
        this.idle = new Silence(
                loop.deadlines,
                server.settings().idleTimeout().toNanos(),
                this::lookCloserIfSilent,
                () -> askWhetherActive(() -> close(Reason.IDLE)));
        this.reading = new Reading(this, wire, early);
    }

    /** Come from another loop, on this group's own. */
    void moveAndJoin(Greeting greeting) {
        try {
            join(wire.socket().register(loop.selector(), interest, this), greeting);
        } catch (IOException _) {
            abandon(Reason.PEER_RESET);
        }
    }

    /** Join the group, on its loop. */
    void join(SelectionKey registered, Greeting greeting) {
        try {
            wire.join(loop, this);
        } catch (IOException e) {
            server.refused(wire.reason(e), peer, "", ByteBuffer.allocate(0));
            abandon(wire.reason(e));
            return;
        }
        if (server.isQuiescing()) {
            abandon(Reason.STOPPED);
            return;
        }
        switch (server.groups().join(group.id(), this, loop)) {
            case Joined(var joined) -> {
                membership = joined;
                reading.begin(joined);
                writing = new Writing(this, wire, loop, joined.queue());
                key = registered;
                onJoined(greeting);
            }
            case Refused(var reason) -> {
                server.refused(reason, peer, "", ByteBuffer.allocate(0));
                abandon(reason);
            }
        }
    }

    private void onJoined(Greeting greeting) {
        server.population().add(this);
        server.context().counters().add(Counter.JOINED, 1);
        server.context().counters().add(Counter.MEMBERS, 1);
        LOG.log(Level.DEBUG, () -> describe() + " joined " + group.id());
        idle.begin();
        greeting.send(membership, this);
        updateInterest();
        if (reading.hasMore()) {
            loop.ready(this);
        }
    }

    /** It never became a member. */
    private void abandon(Reason reason) {
        closed = true;
        server.loops().leave(group);
        server.reception().forget(wire, entry, reason);
    }

    LoopGroup group() {
        return group;
    }

    StreamServer server() {
        return server;
    }

    Reading reading() {
        return reading;
    }

    Writing writing() {
        return writing;
    }

    boolean isClosed() {
        return closed;
    }

    /** {@return whether the next turn's selector tells of a reset; false: it does always, or the connection is closed} */
    boolean beginProbe() {
        if (closed || interest != 0 || !key.isValid()) {
            return false;
        }
        interest = ResetProbe.INTEREST;
        key.interestOps(interest);
        return true;
    }

    void endProbe() {
        if (key.isValid()) {
            updateInterest();
        }
    }

    /** What the peer sent before belongs to the others: it is read where that may be done soon. */
    private void onReset() {
        long nowNs = System.nanoTime();
        resetNs = resetNs == 0 ? nowNs : resetNs;
        if (reading.hasEnded() || nowNs - resetNs >= UNREAD_NS && reading.isOfTcp()) {
            close(Reason.PEER_RESET);
        }
    }

    @Override
    public void onReady(SelectionKey ready) {
        if (ready.isConnectable()) {
            onReset();
            return;
        }
        if (ready.isWritable()) {
            writing.unblock();
            writing.flushLater(); // as many as may be in one turn
            updateInterest();
        }
        if (!closed && ready.isReadable()) {
            if (leaving == null) {
                loop.ready(this);
            } else {
                leaving.discard();
            }
        }
    }

    /** {@return whether it is in its group} */
    boolean isMember() {
        return !left && !closed;
    }

    /** Something was read of it, or it took something. */
    void heard() {
        idle.heard();
    }

    /** What it sends may wait for others, and what was written for it may be on its way still. */
    private void askWhetherActive(Runnable ifNot) {
        writing.askWhetherActive(idle::heardUnseen, () -> {
            if (isHeldBack()) {
                idle.heardUnseen();
            } else if (isMember()) {
                ifNot.run();
            }
        });
    }

    private void lookCloserIfSilent() {
        if (idle.isSilent()) {
            askWhetherActive(() -> {});
        }
    }

    @Override
    public Optional<Object> source() {
        return peer.address().map(Source::of);
    }

    @Override
    public void measure(Runnable then) {
        writing.measure(then);
    }

    @Override
    public boolean isHeldBack() {
        return reading.isHeldBack();
    }

    @Override
    public void deliver(Batch batch) {
        if (!closed) {
            writing.deliver(batch);
        }
    }

    /**
     * Write what waits, as far as the peer takes it.
     *
     * @return how many bytes it took
     */
    long flush() {
        long n = closed ? -1 : writing.flush();
        if (n < 0) {
            return 0;
        }
        updateInterest();
        if (wire.hasMore()) {
            loop.ready(this);
        }
        if (leaving != null && !writing.isBlocked()) {
            leaving.onFlushed();
        }
        return n;
    }

    /** What the peer sent before it was reset is still to be read, and belongs to the others. */
    void onWriteFailure(IOException e) {
        LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
        if (leaving != null) {
            close(leaving.reason());
        } else if (reading.hasEnded()) {
            close(Reason.PEER_RESET);
        } else {
            updateInterest();
            loop.ready(this);
        }
    }

    /** Leave the group now, and close when what is queued has been written. */
    void leaveAfterFlush(Reason reason) {
        leaving = new Leaving(this, wire, loop, reading, writing, reason);
        leaveGroup();
        updateInterest();
        leaving.begin();
    }

    /** It is noted to be read, and many before it: the selector, which tells of some at a time, is to tell of others. */
    void awaitTurn() {
        awaitsTurn = true;
        updateInterest();
    }

    /** It is read now. */
    void haveTurn() {
        if (awaitsTurn) {
            awaitsTurn = false;
            updateInterest();
        }
    }

    @Override
    public void pause() {
        reading.pause();
        updateInterest();
    }

    @Override
    public void resume() {
        reading.resume();
        updateInterest();
        if (key != null) {
            loop.ready(this); // in the order of the calls, which the selector would not keep
        }
    }

    /** Read what the kernel holds, then nothing more. */
    void quiesce(Outstanding outstanding) {
        if (isMember()) {
            reading.quiesce(outstanding);
        }
    }

    /** Flush, shut the output, discard the input, close. */
    void stop() {
        if (isMember()) {
            leaveAfterFlush(Reason.STOPPED);
        }
    }

    @Override
    public void close(Reason reason) {
        if (closed) {
            return;
        }
        closed = true;
        server.population().remove(this);
        leaveGroup();
        var detail = shortfall(reason);
        long unsent = writing.close();
        if (unsent > 0 && reason != Reason.PEER_RESET) {
            server.unsent(unsent);
        }
        reading.close();
        if (reason.isMembersFault()) {
            server.refused(reason, peer, detail, ByteBuffer.allocate(0)); // counts it too
        } else {
            server.context().counters().add(reason, 1);
        }
        LOG.log(Level.DEBUG, () -> describe() + " left " + group.id() + ": " + reason);
        server.reception().forget(wire, entry, reason);
    }

    private String shortfall(Reason reason) {
        return switch (reason) {
            case STALLED, FLUSH_TIMEOUT -> writing.shortfall();
            case WRITE_DEADLINE ->
                "acknowledged nothing in " + Values.shown(server.settings().writeDeadline()) + ", " + writing.unsent();
            default -> "";
        };
    }

    private void leaveGroup() {
        if (!left) {
            left = true;
            idle.cancel();
            reading.leave();
            membership.leave();
            server.context().counters().add(Counter.MEMBERS, -1);
            server.loops().leave(group);
        }
    }

    @Override
    public void onFailure() {
        if (writing != null) {
            close(Reason.INTERNAL_ERROR);
        } else if (!closed) {
            server.context().counters().add(Reason.INTERNAL_ERROR, 1);
            abandon(Reason.INTERNAL_ERROR);
        }
    }

    void updateInterest() {
        if (closed || key == null) {
            return;
        }
        // One that leaves is read for its end only; reading on after that end would spin.
        boolean reads = leaving == null ? reading.isWanted() && !awaitsTurn : !reading.hasEnded();
        int wanted = (reads ? SelectionKey.OP_READ : 0) | (writing.isBlocked() ? SelectionKey.OP_WRITE : 0);
        if (interest != wanted) {
            interest = wanted;
            key.interestOps(wanted);
        }
        if (wanted == 0 && !awaitsTurn) {
            loop.resets.watch(this);
        }
    }

    @Override
    public String describe() {
        var address = Printable.line(HostPort.text(peer.remote()));
        // One has to tell apart those without an address too.
        return server.context().name() + " " + (address.isEmpty() ? "#" + number : address);
    }

    @Override
    public String toString() {
        return describe();
    }
}
