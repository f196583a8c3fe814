package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.runtime.groups.Turn;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.Outstanding;
import dev.socketforwarder.runtime.streams.member.StreamSettings.HalfClose;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** What a member sends: when it is read, how much at a time, and how it ends. On the group's loop. */
final class Reading {
    private static final Logger LOG = System.getLogger(Reading.class.getName());

    /**
     * It is the sender's buffer that holds what was sent through a Unix domain socket, and nobody else can ask how large that
     * is: more than the kernel lets anybody have, as most machines are set (twice net.core.wmem_max, 4 MiB).
     */
    private static final long MOST_HELD_OF_UNIX = 16L << 20;

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final StreamSettings settings;
    private final Counters counters;

    // These from the join on.
    private Throttle throttle;
    private UnfinishedRecord unfinished;
    private Membership membership;
    private Deframer deframer;
    private Consumer<Batch> publish;
    /** What came behind the first message and has not been published yet, or null. */
    private ByteBuffer early;

    private boolean paused;
    private boolean ended; // by the peer's FIN
    private boolean quiesced; // what the kernel held at the stop has been read
    private Quiescence quiescence; // null: no stop yet

    Reading(Connection connection, Wire wire, ByteBuffer early) {
        this.connection = connection;
        this.wire = wire;
        this.loop = connection.group().loop();
        this.settings = connection.shared().settings();
        this.counters = connection.shared().context().counters();
        this.early = early.hasRemaining() ? early : null;
    }

    /** The member has joined. */
    void begin(Membership joined) {
        throttle = new Throttle(this, connection.group(), joined.rates());
        unfinished = new UnfinishedRecord(connection, wire, loop);
        membership = joined;
        deframer = joined.deframer();
        publish = joined::publish;
    }

    /** {@return whether something is there that the selector does not tell of} */
    boolean hasMore() {
        return early != null || wire.hasMore();
    }

    /** {@return whether the peer has ended its side} */
    boolean hasEnded() {
        return ended;
    }

    /** The peer's end was found while its input is thrown away. */
    void end() {
        ended = true;
    }

    /** {@return whether this member is read when something comes} */
    boolean isWanted() {
        return isAllowed() && !wire.isReadBlocked();
    }

    /** {@return whether it is not read for the sake of others, whatever it has sent} */
    boolean isHeldBack() {
        return paused || isThrottled();
    }

    private boolean isAllowed() {
        return !ended && !paused && !isThrottled() && !quiesced;
    }

    /** At the stop what was sent in time is read, at whatever rate. */
    private boolean isThrottled() {
        return throttle.waits() && quiescence == null;
    }

    /** {@return how many bytes of the loop's buffer must be free before what is read} */
    int gap() {
        return deframer.gap();
    }

    /**
     * Read what is there, if this member may be read.
     *
     * @return how many bytes, from {@code into}'s old position on; 0 or less: nothing to publish
     */
    int read(ByteBuffer into) {
        if (!connection.isMember() || !isAllowed()) {
            return 0;
        }
        int most = Math.min(into.remaining(), settings.readSize());
        into.limit(into.position() + (quiescence == null ? throttle.grant(most) : most));
        if (!into.hasRemaining()) {
            connection.updateInterest();
            return 0;
        }
        int n = early == null ? receive(into) : takeEarly(into);
        if (n > 0) {
            throttle.took(n);
            connection.heard();
            counters.add(Counter.BYTES_IN, n);
            counters.add(Counter.READS, 1);
        }
        // One that always has more gets what its group may have in a turn, however many send in others.
        boolean isMoreLikely = n > 0 && !into.hasRemaining();
        boolean isToTheEnd = early != null || connection.writing().hasFailed() || quiescence != null;
        if (quiescence != null && quiescence.isOver(n)) {
            quiesced = true;
            connection.updateInterest();
        } else if (n > 0 && isToTheEnd || isMoreLikely || wire.hasMore()) {
            loop.ready(connection); // whatever the selector says
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

    private int receive(ByteBuffer into) {
        try {
            int n = wire.read(into);
            unfinished.onRead();
            if (n < 0) {
                onEnd();
            } else if (!wire.isFlushed()) {
                connection.writing().block(); // with what TLS had to answer
                connection.updateInterest();
            }
            return n;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> connection.describe() + ": " + e.getMessage());
            connection.close(wire.reason(e));
            return -1;
        }
    }

    private void onEnd() {
        ended = true;
        if (connection.writing().hasFailed()) {
            connection.close(Reason.PEER_RESET);
        } else if (settings.halfClose() == HalfClose.KEEP && wire.outlivesInput()) {
            connection.updateInterest();
        } else {
            connection.leaveAfterFlush(Reason.PEER_CLOSED);
        }
    }

    /**
     * Give the others what was read into the loop's block, as far as it is whole.
     *
     * @param from where the block has room
     * @param start where what was read begins, behind a {@link #gap}
     * @return where the block has room now: what is unfinished has been carried away
     */
    int publish(Turn turn, int from, int start, int length) {
        var batch = turn.of(membership);
        switch (deframer.accept(batch, start, length, publish)) {
            case TAKEN -> {
                // All is well.
            }
            case TOO_LARGE -> connection.close(Reason.MESSAGE_TOO_LARGE);
            case NO_MEMORY -> connection.close(Reason.OUT_OF_QUEUE);
        }
        return batch.count() == 0 ? from : batch.offset(0) + batch.length(0);
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    void countThrottled() {
        counters.add(Counter.THROTTLED, 1);
    }

    /** The rate allows reading again. */
    void unthrottled() {
        connection.updateInterest();
        loop.ready(connection);
    }

    /** Read what the kernel holds, then nothing more. */
    void quiesce(Outstanding outstanding) {
        if (ended) {
            return;
        }
        try {
            quiescence = new Quiescence(outstanding, mostHeld());
            loop.ready(connection);
        } catch (IOException _) {
            connection.close(Reason.PEER_RESET);
        }
    }

    /** {@return whether a failure is a reset; a Unix domain socket fails at its peer's close, with all input still there} */
    boolean isOfTcp() {
        try {
            return !(wire.socket().getLocalAddress() instanceof UnixDomainSocketAddress);
        } catch (IOException _) {
            return true; // it is closed
        }
    }

    /** {@return the most that the kernel may hold of what was sent, in bytes} */
    private long mostHeld() throws IOException {
        if (!isOfTcp()) {
            return MOST_HELD_OF_UNIX;
        }
        // Java tells half of what the kernel says, which may be nearly full of data.
        return 2L * wire.socket().getOption(StandardSocketOptions.SO_RCVBUF);
    }

    /** The member leaves: no rate holds it up any more. */
    void leave() {
        throttle.end();
        unfinished.cancel();
    }

    /** The connection is closed. */
    void close() {
        if (quiescence != null) {
            quiescence.end();
        }
    }
}
