package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Block;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Deframer;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.OutboundQueue;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.tcp.TcpSettings.HalfClose;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;

/**
 * A connection whose peer is in a group, on the group's loop.
 *
 * <pre>
 *   member ──FIN──> flushing ──all written──> closed
 *     │  └──FIN, half-close: keep──> receiver ──write fails──> closed
 *     ├──RST, stalled────────────────────────────────────────> closed
 *     └──stop──> flushing ──output shut──> lingering ──peer's FIN, silence──> closed
 * </pre>
 */
final class Connection implements Member, EventLoop.Selectable {
    private static final Logger LOG = System.getLogger(Connection.class.getName());
    private static final long FLUSH_CHECK_NS = TimeUnit.SECONDS.toNanos(1);

    /** Whether it stands in its group's ready list; the loop keeps it. */
    boolean readyListed;

    private final TcpEndpoint endpoint;
    private final Wire wire;
    private final Peer peer;
    private final Door.Entry entry;
    private final LoopGroup group;
    private final EventLoop loop;
    private final Silence idle;
    private final Silence unwritten;

    private SelectionKey key;
    private int interest = SelectionKey.OP_READ;
    private Membership membership;
    private OutboundQueue queue;
    private Deframer deframer;
    /** What came behind the first message and has not been published yet, or null. */
    private ByteBuffer early;

    private final Throttle throttle;
    private boolean paused;
    private boolean unflushed;
    private boolean writeBlocked;
    private boolean inputEnded; // by the peer's FIN
    private boolean quiesced; // what the kernel held at the stop has been read
    private boolean outputFailed;
    private boolean left;
    private boolean closed;
    /** Its member has left the group; why it will be closed once all is written, or null. */
    private Reason leaving;

    private Quiescence quiescence;
    private Lingering lingering;

    Connection(TcpEndpoint endpoint, Wire wire, Peer peer, Door.Entry entry, LoopGroup group, ByteBuffer early) {
        this.endpoint = endpoint;
        this.wire = wire;
        this.peer = peer;
        this.entry = entry;
        this.group = group;
        this.loop = group.loop();
        this.early = early.hasRemaining() ? early : null;
        this.throttle = new Throttle(this, group);
        var limits = endpoint.limits();
        this.idle = new Silence(loop, limits.idleTimeout().toNanos(), () -> close(Reason.IDLE));
        this.unwritten = new Silence(loop, limits.writeDeadline().toNanos(), () -> close(Reason.WRITE_DEADLINE));
    }

    /** Come from another loop, on this group's own. */
    void moveAndJoin() {
        try {
            join(wire.socket().register(loop.selector(), interest, this));
        } catch (IOException _) {
            abandon();
        }
    }

    /** Join the group, on its loop. */
    void join(SelectionKey registered) {
        key = registered;
        wire.moveTo(loop);
        if (endpoint.isQuiescing()) {
            abandon();
            return;
        }
        switch (endpoint.context().groups().join(group.id(), this, loop)) {
            case Joined(var joined) -> {
                membership = joined;
                queue = joined.queue();
                deframer = joined.deframer();
                endpoint.context().counters().add(Counter.JOINED, 1);
                endpoint.context().counters().add(Counter.MEMBERS, 1);
                LOG.log(Level.DEBUG, () -> describe() + " joined " + group.id());
                idle.begin();
                throttle.limit(joined.rates());
                joined.joinReply().ifPresent(this::greet);
                updateInterest();
                if (early != null || wire.hasMore()) {
                    loop.ready(this);
                }
            }
            case Refused(var reason) -> {
                endpoint.refused(reason, peer, "", ByteBuffer.allocate(0));
                abandon();
            }
        }
    }

    /** Before any data: nothing has been delivered yet. */
    private void greet(ByteBuffer reply) {
        var block = Block.borrowed(reply); // a view of its own: several loops do this
        deliver(new Batch(block).add(0, reply.capacity()));
        flush();
        block.recycle();
    }

    private void abandon() {
        closed = true;
        endpoint.loops().leave(group);
        endpoint.forget(wire, entry);
    }

    LoopGroup group() {
        return group;
    }

    TcpEndpoint endpoint() {
        return endpoint;
    }

    /** {@return how many bytes of the loop's buffer must be free before what is read} */
    int gap() {
        return deframer == null ? 0 : deframer.gap();
    }

    /** Give the others what was read into the batch's block, as far as it is whole. */
    void publish(Batch batch, int start, int length) {
        if (!deframer.accept(batch, start, length, membership)) {
            close(deframer.refusal());
        }
    }

    @Override
    public void onReady(SelectionKey ready) {
        if (ready.isWritable()) {
            writeBlocked = false;
            flush();
        }
        if (!closed && ready.isReadable()) {
            if (lingering != null) {
                lingering.discard();
            } else if (leaving == null) {
                loop.ready(this);
            } else {
                discardWhileFlushing();
            }
        }
    }

    /**
     * Read what is there, if this member may be read.
     *
     * @return how many bytes, from {@code into}'s old position on; 0 or less: nothing to publish
     */
    int read(ByteBuffer into) {
        if (closed || paused || isThrottled() || inputEnded || quiesced || leaving != null) {
            return 0;
        }
        limitRead(into);
        if (!into.hasRemaining()) {
            updateInterest();
            return 0;
        }
        int n = early == null ? receive(into) : takeEarly(into);
        if (n > 0) {
            throttle.took(n);
            idle.heard();
            endpoint.context().counters().add(Counter.BYTES_IN, n);
            endpoint.context().counters().add(Counter.READS, 1);
        }
        if (quiescence != null && quiescence.isOver(n)) {
            quiesced = true;
            updateInterest();
        } else if (n > 0 && (early != null || outputFailed || quiescence != null) || wire.hasMore()) {
            loop.ready(this); // it is read to its end, whatever the selector says
        }
        return n;
    }

    private int takeEarly(ByteBuffer into) {
        int n = Math.min(early.remaining(), into.remaining());
        into.put(into.position(), early, early.position(), n);
        early.position(early.position() + n);
        if (!early.hasRemaining()) {
            early = null;
        }
        return n;
    }

    /** At the stop what was sent in time is read, at whatever rate. */
    private boolean isThrottled() {
        return throttle.waits() && quiescence == null;
    }

    private void limitRead(ByteBuffer into) {
        int most = Math.min(into.remaining(), endpoint.settings().readSize());
        into.limit(into.position() + (quiescence == null ? throttle.grant(most) : most));
    }

    /** The rate allows reading again. */
    void unthrottled() {
        updateInterest();
        loop.ready(this);
    }

    private int receive(ByteBuffer into) {
        try {
            int n = wire.read(into);
            if (n < 0) {
                onInputEnd();
            } else if (!wire.isFlushed()) {
                writeBlocked = true; // with what TLS had to answer
                awaitWritten();
                updateInterest();
            }
            return n;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
            close(wire.reason(e));
            return -1;
        }
    }

    private void onInputEnd() {
        inputEnded = true;
        if (outputFailed) {
            close(Reason.PEER_RESET);
        } else if (endpoint.settings().halfClose() == HalfClose.KEEP && wire.outlivesInput()) {
            updateInterest();
        } else {
            leaveAfterFlush(Reason.PEER_CLOSED);
        }
    }

    @Override
    public void deliver(Batch batch) {
        if (outputFailed || closed) {
            return;
        }
        queue.add(batch);
        flushLater();
    }

    private void flushLater() {
        if (!unflushed) {
            unflushed = true;
            loop.unflushed(this);
        }
    }

    /**
     * Write what waits, as far as the peer takes it.
     *
     * @return how many bytes it took
     */
    long flush() {
        unflushed = false;
        if (closed || outputFailed) {
            return 0;
        }
        if (writeBlocked) {
            queue.hold();
            return 0;
        }
        long n = 0;
        try {
            int unsent = wire.unsent();
            n = queue.writeTo(wire);
            writeBlocked = !wire.flush() || !queue.isEmpty();
            if (n > 0 || wire.unsent() < unsent) {
                idle.heard();
                unwritten.heard();
            }
            endpoint.context().counters().add(Counter.BYTES_OUT, n);
            endpoint.context().counters().add(Counter.WRITES, 1);
        } catch (IOException e) {
            onWriteFailure(e);
            return n;
        }
        awaitWritten();
        updateInterest();
        if (wire.hasMore()) {
            loop.ready(this);
        }
        if (leaving != null && !writeBlocked) {
            onFlushed();
        }
        return n;
    }

    /** Keep what was delivered, to be written in the next turn. */
    void keep() {
        queue.keep();
    }

    private void awaitWritten() {
        if (writeBlocked) {
            unwritten.begin();
        } else {
            unwritten.end();
        }
    }

    /** What the peer sent before it was reset is still to be read, and belongs to the others. */
    private void onWriteFailure(IOException e) {
        LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
        outputFailed = true;
        unwritten.cancel();
        queue.clear();
        if (leaving != null || inputEnded) {
            close(leaving == null ? Reason.PEER_RESET : leaving);
        } else {
            updateInterest();
            loop.ready(this);
        }
    }

    /** Leave the group now, and close when what is queued has been written. */
    private void leaveAfterFlush(Reason reason) {
        leaving = reason;
        leaveGroup();
        updateInterest();
        if (queue.isEmpty() && wire.isFlushed()) {
            onFlushed();
        } else {
            flushLater();
            loop.deadlines.in(FLUSH_CHECK_NS, this::checkFlushing);
        }
    }

    private void checkFlushing() {
        if (closed || queue.isEmpty() && wire.isFlushed()) {
            return;
        }
        if (queue.isStalled()) {
            close(Reason.FLUSH_TIMEOUT);
        } else {
            loop.deadlines.in(FLUSH_CHECK_NS, this::checkFlushing);
        }
    }

    private void onFlushed() {
        if (inputEnded) {
            close(leaving);
            return;
        }
        if (lingering == null) {
            lingering = new Lingering(this, wire, loop);
            lingering.begin();
        }
        writeBlocked = !lingering.shutOutput();
        updateInterest();
    }

    /** Unread input would make the kernel reset the connection at its close, and lose what was just written. */
    private void discardWhileFlushing() {
        try {
            if (wire.socket().read(loop.scratch()) < 0) {
                inputEnded = true;
                updateInterest();
            }
        } catch (IOException _) {
            close(leaving);
        }
    }

    @Override
    public void pause() {
        paused = true;
        updateInterest();
    }

    @Override
    public void resume() {
        paused = false;
        updateInterest();
        if (key != null) {
            loop.ready(this); // in the order of the calls, which the selector would not keep
        }
    }

    /** Read what the kernel holds, then nothing more. */
    void quiesce(Outstanding reading) {
        if (closed || leaving != null || inputEnded) {
            return;
        }
        try {
            // Java tells half of what the kernel says, which may be nearly full of data.
            quiescence = new Quiescence(reading, 2L * wire.socket().getOption(StandardSocketOptions.SO_RCVBUF));
            loop.ready(this);
        } catch (IOException _) {
            close(Reason.PEER_RESET);
        }
    }

    /** Flush, shut the output, discard the input, close. */
    void stop() {
        if (!closed && leaving == null) {
            leaveAfterFlush(Reason.STOPPED);
        }
    }

    /** The time for the stop is over. */
    void abort() {
        close(Reason.STOPPED);
    }

    @Override
    public void close(Reason reason) {
        if (closed) {
            return;
        }
        closed = true;
        unwritten.cancel();
        leaveGroup();
        long unsent = queue.clear() + wire.unsent();
        if (unsent > 0 && reason != Reason.PEER_RESET) {
            endpoint.unsent(unsent);
        }
        if (quiescence != null) {
            quiescence.end();
        }
        if (reason.isMembersFault()) {
            endpoint.refused(reason, peer, "", ByteBuffer.allocate(0)); // counts it too
        } else {
            endpoint.context().counters().add(reason, 1);
        }
        LOG.log(Level.DEBUG, () -> describe() + " left " + group.id() + ": " + reason);
        endpoint.forget(wire, entry);
    }

    private void leaveGroup() {
        if (!left) {
            left = true;
            idle.cancel();
            throttle.end();
            membership.leave();
            endpoint.context().counters().add(Counter.MEMBERS, -1);
            endpoint.loops().leave(group);
        }
    }

    @Override
    public void onFailure() {
        close(Reason.INTERNAL_ERROR);
    }

    private void updateInterest() {
        if (closed || key == null) {
            return;
        }
        // One that leaves is read for its end only; reading on after that end would spin.
        boolean reads =
                !inputEnded && (leaving != null || !paused && !isThrottled() && !quiesced && !wire.isReadBlocked());
        int wanted = (reads ? SelectionKey.OP_READ : 0) | (writeBlocked ? SelectionKey.OP_WRITE : 0);
        if (interest != wanted) {
            interest = wanted;
            key.interestOps(wanted);
        }
    }

    @Override
    public String describe() {
        return endpoint.context().name() + " " + TcpEndpoint.text(peer.remote());
    }

    @Override
    public String toString() {
        return describe();
    }
}
