package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Outstanding;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** What a {@link StreamMember} sends: when it is read, how much at a time, and how it ends. On the server's loop. */
final class StreamReading {
    private static final Logger LOG = System.getLogger(StreamReading.class.getName());
    private static final long DEFAULT_BUFFER = 256 * 1024;

    private final StreamMember member;
    private final StreamServer server;
    private final SocketChannel channel;
    private ByteBuffer early; // what came behind the first message, or null

    // These from the join on.
    private Membership membership;
    private StreamRates.OfMember rates;

    private boolean listed; // to be read
    private boolean paused;
    private boolean ended; // by the peer
    private boolean quiesced; // what the kernel held at the stop has been read
    private long leftToRead; // of that, in bytes
    private Outstanding quiescence; // whoever waits for that; null: nobody

    StreamReading(StreamMember member, StreamServer server, SocketChannel channel, ByteBuffer early) {
        this.member = member;
        this.server = server;
        this.channel = channel;
        this.early = early.hasRemaining() ? early : null;
    }

    /** The member has joined. */
    void begin(GroupId group, Membership joined) {
        membership = joined;
        rates = server.rates().join(group, joined.rates(), this::soon);
        if (early != null) {
            soon();
        }
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
        return member.isMember() && !ended && !paused && !quiesced && (quiescence != null || !rates.waits());
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
    }

    /** Read in this turn or the next, in the order of the calls, which a selector would not keep. */
    void soon() {
        member.updateInterest();
        if (!listed) {
            listed = true;
            server.loop().execute(() -> {
                listed = false;
                read();
            });
        }
    }

    private void read() {
        if (!isWanted()) {
            return;
        }
        int gap = membership.deframer().gap();
        int most = Math.min(server.settings().readSize(), StreamServer.READ_BYTES - gap);
        // At the stop what was sent in time is read, at whatever rate.
        int granted = quiescence == null ? rates.grant(most) : most;
        if (granted == 0) {
            server.context().counters().add(Counter.THROTTLED, 1);
            member.updateInterest();
            return;
        }
        var buffer = server.buffer().position(gap).limit(gap + granted);
        try {
            int n = early == null ? channel.read(buffer) : takeEarly(buffer);
            if (n > 0) {
                publish(gap, n);
            } else if (n < 0) {
                ended = true;
                member.onEnd();
            }
            onRead(n);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> member.describe() + ": " + e.getMessage());
            member.close(Reason.PEER_RESET);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "An error of the forwarder's own ends " + member.describe(), e);
            member.close(Reason.INTERNAL_ERROR);
        }
    }

    private int takeEarly(ByteBuffer into) {
        int n = Math.min(early.remaining(), into.remaining());
        into.put(into.position(), early, early.position(), n);
        early.position(early.position() + n);
        early = early.hasRemaining() ? early : null;
        return n;
    }

    private void publish(int start, int n) {
        var counters = server.context().counters();
        rates.took(n);
        member.heard();
        counters.add(Counter.BYTES_IN, n);
        counters.add(Counter.READS, 1);
        var batch = server.batch();
        boolean isGood = membership.deframer().accept(batch, start, n, membership);
        server.loop().flushNow();
        batch.block().recycle();
        if (!isGood) {
            member.close(membership.deframer().refusal());
        }
    }

    private void onRead(int n) {
        if (quiescence != null) {
            leftToRead -= Math.max(n, 0);
            if (n <= 0 || leftToRead <= 0) {
                quiesced = true;
                endQuiescing();
                member.updateInterest();
                return;
            }
        }
        if (n > 0 && (quiescence != null || early != null || member.hasFailed())) {
            soon(); // whatever the selector says
        }
    }

    /** Read what the kernel holds, but no flood, then nothing more. */
    void quiesce(Outstanding waiting) {
        if (!ended && member.isMember()) {
            waiting.add();
            quiescence = waiting;
            leftToRead = 2 * bufferSize();
            soon();
        }
    }

    private long bufferSize() {
        try {
            return channel.getOption(StandardSocketOptions.SO_RCVBUF);
        } catch (IOException | UnsupportedOperationException _) {
            return DEFAULT_BUFFER;
        }
    }

    private void endQuiescing() {
        if (quiescence != null) {
            quiescence.done();
            quiescence = null;
        }
    }

    /** The member leaves: nothing of it is published any more. */
    void leave() {
        rates.leave();
        endQuiescing();
    }
}
