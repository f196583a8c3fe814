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

/**
 * Reads what a member sends: decides when to read, how much at a time, and what follows the end. Used on the group's
 * loop.
 */
final class Reading {
    private static final Logger LOG = System.getLogger(Reading.class.getName());

    /**
     * The most that the kernel may hold of what was sent through a Unix domain socket, in bytes. The sender's buffer
     * holds these bytes, and only the sender can ask for the buffer's size. On most machines the kernel allows nobody
     * so large a buffer (twice net.core.wmem_max, 4 MiB).
     */
    private static final long MOST_HELD_OF_UNIX = 16L << 20;

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final StreamSettings settings;
    private final Counters counters;

    // The fields below are set by the join.
    private Throttle throttle;
    private UnfinishedRecord unfinished; // null: TLS has never read a part of a record
    private Membership membership;
    private Deframer deframer;
    private Consumer<Batch> publish;
    private CodecLine codec; // null: the member has no codec
    /** The bytes that came behind the first message and are not published yet; null: none are left. */
    private ByteBuffer early;

    private boolean paused;
    private boolean ended; // by the peer's FIN
    private boolean quiesced; // whether what the kernel held at the stop has been read
    private Quiescence quiescence; // null: the stop has not begun

    Reading(Connection connection, Wire wire, ByteBuffer early) {
        this.connection = connection;
        this.wire = wire;
        this.loop = connection.group().loop();
        this.settings = connection.shared().settings();
        this.counters = connection.shared().context().counters();
        this.early = early.hasRemaining() ? early : null;
    }

    /** Begin, because the member has joined. */
    void begin(Membership joined) {
        throttle = new Throttle(this, connection.group(), joined.rates());
        membership = joined;
        deframer = joined.deframer();
        publish = joined::publish;
    }

    /** Let a codec read what the peer sends. */
    void useCodec(CodecLine line) {
        codec = line;
    }

    /** {@return whether the close of this member waits until the codec's call has returned} */
    boolean postpones(Reason reason) {
        return codec != null && codec.postpones(reason);
    }

    /** Do what follows from the codec's last call. */
    void settle() {
        codec.settle();
    }

    /** {@return whether input is there that the selector does not report} */
    boolean hasMore() {
        return early != null || wire.hasMore() || isLeft();
    }

    private boolean isLeft() {
        return codec != null && codec.hasMore();
    }

    /** {@return whether the peer has ended its sending side} */
    boolean hasEnded() {
        return ended;
    }

    /** Note that the peer's end was found while input was being discarded. */
    void end() {
        ended = true;
    }

    /** {@return whether this member is to be read when the selector reports input} */
    boolean isWanted() {
        return isAllowed() && !wire.isReadBlocked();
    }

    /** {@return whether reads of this member are paused for the sake of others, whatever the peer has sent} */
    boolean isHeldBack() {
        return paused || isThrottled() || connection.writing().owesMuch();
    }

    private boolean isAllowed() {
        return !ended && !isHeldBack() && !quiesced;
    }

    /** At the stop no rate applies: all that was sent in time is read. */
    private boolean isThrottled() {
        return throttle.waits() && quiescence == null;
    }

    /** {@return how many bytes the loop's buffer must have free in front of what is read} */
    int gap() {
        return deframer.gap();
    }

    /** {@return whether a codec puts together again what several reads bring} */
    boolean mayCut() {
        return codec != null;
    }

    /**
     * Read what is there, if this member may be read now.
     *
     * @return how many bytes were read, from {@code into}'s old position on; 0: a codec has left some; below 0: there is nothing to
     *     publish
     */
    int read(ByteBuffer into) {
        if (!connection.isMember() || !isAllowed()) {
            return -1;
        }
        int most = Math.min(into.remaining(), settings.readSize());
        into.limit(into.position() + (quiescence == null ? throttle.grant(most) : most));
        if (!into.hasRemaining()) {
            connection.updateInterest();
            return -1;
        }
        if (isLeft()) {
            return 0;
        }
        int n = early == null ? receive(into) : takeEarly(into);
        if (n > 0) {
            throttle.took(n);
            connection.heard();
            counters.add(Counter.BYTES_IN, n);
            counters.add(Counter.READS, 1);
        }
        // A member that always has more is read until its group's share of the turn is used up, however many members of
        // other groups send.
        boolean isMoreLikely = n > 0 && !into.hasRemaining();
        boolean isToTheEnd = early != null || connection.writing().hasFailed() || quiescence != null;
        if (quiescence != null && quiescence.isOver(n)) {
            quiesced = true;
            connection.updateInterest();
        } else if (n > 0 && isToTheEnd || isMoreLikely || wire.hasMore()) {
            loop.ready(connection); // without waiting for the selector to report more
        }
        return n > 0 ? n : -1;
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
            watchRecord();
            if (n < 0) {
                onEnd();
            } else if (!wire.isFlushed()) {
                connection.writing().block(); // the kernel has not taken all of TLS's own answers
                connection.updateInterest();
            }
            return n;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> connection.describe() + ": " + e.getMessage());
            connection.close(wire.reason(e));
            return -1;
        }
    }

    private void watchRecord() {
        if (wire.unfinishedSinceNs().isPresent()) {
            if (unfinished == null) {
                unfinished = new UnfinishedRecord(connection, wire, loop);
            }
            unfinished.onRead();
        }
    }

    private void onEnd() {
        ended = true;
        if (connection.writing().hasFailed()) {
            connection.close(Reason.PEER_RESET);
            return;
        }
        boolean stays = settings.halfClose() == HalfClose.KEEP && wire.outlivesInput();
        connection.tellEnded(stays);
        if (stays) {
            connection.updateInterest();
        } else if (!connection.isLeaving() && !connection.isClosed()) { // unless the codec has ended the connection
            connection.leaveAfterFlush(Reason.PEER_CLOSED);
        }
    }

    /**
     * Publish what was read into the loop's block, as far as messages are complete.
     *
     * @param from where the block's free room begins
     * @param start where what was read begins, behind a {@link #gap}
     * @return where the block's free room begins now; an unfinished message has been copied elsewhere
     */
    int publish(Turn turn, int from, int start, int length) {
        if (codec != null) {
            codec.read(turn, start, length);
            throttle.took(Math.max(0, codec.published() - length)); // what was compressed counts as what it becomes
            if (codec.hasMore() || length == 0) {
                loop.ready(connection); // and then for what has come meanwhile
            }
            return from;
        }
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

    /** Read on, because the rate allows reads again. */
    void unthrottled() {
        connection.updateInterest();
        loop.ready(connection);
    }

    /** Read what the kernel holds now, then nothing more. */
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

    /**
     * {@return whether this is a TCP connection, which fails only when it is reset} A Unix domain socket fails as soon
     * as its peer closes, while all input can still be read.
     */
    boolean isOfTcp() {
        try {
            return !(wire.socket().getLocalAddress() instanceof UnixDomainSocketAddress);
        } catch (IOException _) {
            return true; // the connection is closed
        }
    }

    /** {@return the most that the kernel may hold of what the peer sent, in bytes} */
    private long mostHeld() throws IOException {
        if (!isOfTcp()) {
            return MOST_HELD_OF_UNIX;
        }
        // Java reports half of the kernel's buffer size, and data may fill nearly all of the buffer.
        return 2L * wire.socket().getOption(StandardSocketOptions.SO_RCVBUF);
    }

    /** Let no rate delay reads any more, because the member leaves its group. */
    void leave() {
        throttle.end();
        if (unfinished != null) {
            unfinished.cancel();
        }
    }

    /** The connection is closed. */
    void close() {
        if (quiescence != null) {
            quiescence.end();
        }
    }
}
