package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Block;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Outstanding;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Silence;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * A connection of a {@link StreamServer} whose peer is in a group, on the server's loop.
 *
 * <pre>
 *   member ──end──> leaving ──all written──> closed
 *     │  └──end, half-close: keep──> receiver ──write fails──> closed
 *     ├──reset, stalled────────────────────────────────────> closed
 *     └──stop──> leaving ──output shut──> lingering ──end, silence──> closed
 * </pre>
 */
final class StreamMember implements Member, EndpointLoop.Ready {
    private static final Logger LOG = System.getLogger(StreamMember.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final long CHECK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long DEFAULT_BUFFER = 256 * 1024;

    /** One that never stops sending does not read our end either, and must not hold up the stop. */
    static final Duration LONGEST_LINGER = Duration.ofSeconds(2);

    private final StreamServer server;
    private final EndpointThread loop;
    private final SocketChannel channel;
    private final Peer peer;
    private final int number;
    private final Silence idle;
    private final Silence unwritten;
    private ByteBuffer early; // what came behind the first message, or null

    // These from the join on.
    private Membership membership;
    private StreamRates.OfMember rates;
    private SelectionKey key;

    private boolean listed; // to be read
    private boolean paused;
    private boolean ended; // by the peer
    private boolean quiesced; // what the kernel held at the stop has been read
    private long leftToRead = -1; // of that; -1: no stop yet
    private Outstanding reading; // whoever waits for that
    private boolean blocked; // until the peer takes something
    private boolean failed; // nothing can be written any more
    private boolean left;
    private boolean closed;
    private Reason leaving; // null: it stays
    private boolean heard; // while it lingers
    private long lingersSinceNs; // 0: it does not

    StreamMember(StreamServer server, SocketChannel channel, Peer peer, int number, ByteBuffer early) {
        var settings = server.settings();
        this.server = server;
        this.loop = server.loop();
        this.channel = channel;
        this.peer = peer;
        this.number = number;
        this.early = early.hasRemaining() ? early : null;
        this.idle = new Silence(loop.deadlines(), settings.idleTimeout().toNanos(), () -> close(Reason.IDLE));
        this.unwritten =
                new Silence(loop.deadlines(), settings.writeDeadline().toNanos(), () -> close(Reason.WRITE_DEADLINE));
    }

    void join(GroupId id, SelectionKey registered) {
        key = registered;
        switch (server.context().groups().join(id, this, loop)) {
            case Joined(var joined) -> {
                membership = joined;
                rates = server.rates().join(id, joined.rates(), this::readSoon);
                server.joined(this);
                count(Counter.JOINED, 1);
                count(Counter.MEMBERS, 1);
                LOG.log(Level.DEBUG, () -> describe() + " joined " + id);
                idle.begin();
                joined.joinReply().ifPresent(this::greet);
                updateInterest();
                if (early != null) {
                    readSoon();
                }
            }
            case Refused(var reason) -> {
                closed = true;
                server.context().refused(reason, peer.remote(), "", NOTHING);
                server.forget(channel, true);
            }
        }
    }

    private void greet(ByteBuffer first) {
        var block = Block.borrowed(first);
        membership.queue().add(new Batch(block).add(0, first.capacity()));
        flush();
        block.recycle();
    }

    private void count(Counter counter, long n) {
        server.context().counters().add(counter, n);
    }

    @Override
    public void onReady(SelectionKey ready) {
        if (ready.isWritable()) {
            blocked = false;
            flush();
        }
        if (!closed && ready.isReadable()) {
            if (leaving == null) {
                readSoon();
            } else {
                discard();
            }
        }
    }

    @Override
    public void failed(Throwable thrown) {
        close(Reason.INTERNAL_ERROR);
    }

    /** In the order of the calls, which a selector would not keep. */
    private void readSoon() {
        updateInterest();
        if (!listed && !closed) {
            listed = true;
            loop.execute(() -> {
                listed = false;
                read();
            });
        }
    }

    private boolean mayRead() {
        return !closed && leaving == null && !ended && !paused && !quiesced && (leftToRead >= 0 || !rates.waits());
    }

    private void read() {
        if (!mayRead()) {
            return;
        }
        int gap = membership.deframer().gap();
        int most = Math.min(server.settings().readSize(), StreamServer.READ_BYTES - gap);
        int granted = leftToRead < 0 ? rates.grant(most) : most;
        if (granted == 0) {
            count(Counter.THROTTLED, 1);
            updateInterest();
            return;
        }
        var buffer = server.buffer().position(gap).limit(gap + granted);
        try {
            int n = early == null ? channel.read(buffer) : takeEarly(buffer);
            if (n > 0) {
                publish(gap, n);
            } else if (n < 0) {
                onEnd();
            }
            onRead(n);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
            close(Reason.PEER_RESET);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "An error of the forwarder's own ends " + describe(), e);
            close(Reason.INTERNAL_ERROR);
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
        rates.took(n);
        idle.heard();
        count(Counter.BYTES_IN, n);
        count(Counter.READS, 1);
        var batch = server.batch();
        boolean isGood = membership.deframer().accept(batch, start, n, membership);
        loop.flushNow();
        batch.block().recycle();
        if (!isGood) {
            close(membership.deframer().refusal());
        }
    }

    private void onRead(int n) {
        if (reading != null) {
            leftToRead -= Math.max(n, 0);
            if (n <= 0 || leftToRead <= 0) {
                quiesced = true;
                endQuiescing();
                updateInterest();
                return;
            }
        }
        if (n > 0 && (reading != null || early != null || failed)) {
            readSoon(); // whatever the selector says
        }
    }

    private void onEnd() {
        ended = true;
        if (failed) {
            close(Reason.PEER_RESET);
        } else if (server.settings().halfClose() == StreamSettings.HalfClose.KEEP) {
            updateInterest();
        } else {
            leaveAfterFlush(Reason.PEER_CLOSED);
        }
    }

    @Override
    public void deliver(Batch batch) {
        if (!closed && !failed) {
            membership.queue().add(batch);
            loop.flushLater(this, this::flush);
        }
    }

    private void flush() {
        if (closed || failed) {
            return;
        }
        var queue = membership.queue();
        if (blocked) {
            queue.hold();
            return;
        }
        try {
            long n = queue.writeTo(channel);
            blocked = !queue.isEmpty();
            count(Counter.BYTES_OUT, n);
            count(Counter.WRITES, 1);
            if (n > 0) {
                idle.heard();
                unwritten.heard();
            }
        } catch (IOException e) {
            onWriteFailure(e);
            return;
        }
        if (blocked) {
            unwritten.begin();
        } else {
            unwritten.end();
            if (leaving != null) {
                onFlushed();
            }
        }
        updateInterest();
    }

    /** What the peer sent before it was reset is still to be read, and belongs to the others. */
    private void onWriteFailure(IOException e) {
        LOG.log(Level.DEBUG, () -> describe() + ": " + e.getMessage());
        failed = true;
        unwritten.cancel();
        membership.queue().clear();
        if (leaving != null || ended) {
            close(leaving == null ? Reason.PEER_RESET : leaving);
        } else {
            readSoon();
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
        if (key != null) {
            readSoon();
        }
    }

    private void updateInterest() {
        if (closed || key == null || rates == null || !key.isValid()) {
            return;
        }
        // One that leaves is read for its end only; reading on after that end would spin.
        boolean reads = leaving == null ? mayRead() : !ended;
        int wanted = (reads ? SelectionKey.OP_READ : 0) | (blocked ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /** Read what the kernel holds, but no flood, then nothing more. */
    void quiesce(Outstanding waiting) {
        if (closed || ended || leaving != null) {
            return;
        }
        waiting.add();
        reading = waiting;
        leftToRead = 2 * bufferSize();
        readSoon();
    }

    private long bufferSize() {
        try {
            return channel.getOption(StandardSocketOptions.SO_RCVBUF);
        } catch (IOException | UnsupportedOperationException _) {
            return DEFAULT_BUFFER;
        }
    }

    private void endQuiescing() {
        if (reading != null) {
            reading.done();
            reading = null;
        }
    }

    /** Flush, shut the output, discard the input, close. */
    void stop() {
        if (!closed && leaving == null) {
            leaveAfterFlush(Reason.STOPPED);
        }
    }

    private void leaveAfterFlush(Reason reason) {
        leaving = reason;
        leaveGroup();
        endQuiescing();
        if (membership.queue().isEmpty()) {
            onFlushed();
        } else {
            checkLater();
        }
        updateInterest();
    }

    private void checkLater() {
        loop.deadlines().in(CHECK_NS, () -> {
            if (!closed && membership.queue().isStalled()) {
                close(Reason.FLUSH_TIMEOUT);
            } else if (!closed && lingersSinceNs == 0) {
                checkLater();
            }
        });
    }

    /** The kernel has all that was queued. Closing with input unread could lose it. */
    private void onFlushed() {
        if (ended) {
            close(leaving);
        } else if (lingersSinceNs == 0) {
            try {
                channel.shutdownOutput();
                lingersSinceNs = System.nanoTime();
                awaitSilence();
            } catch (IOException _) {
                close(leaving);
            }
        }
    }

    private void awaitSilence() {
        heard = false;
        loop.deadlines().in(SILENCE_NS, () -> {
            if (heard && System.nanoTime() - lingersSinceNs < LONGEST_LINGER.toNanos()) {
                awaitSilence();
            } else {
                close(leaving);
            }
        });
    }

    private void discard() {
        heard = true;
        try {
            if (channel.read(server.buffer()) < 0) {
                ended = true;
                if (lingersSinceNs != 0) {
                    close(leaving);
                }
                updateInterest();
            }
        } catch (IOException _) {
            close(leaving);
        }
    }

    @Override
    public void close(Reason reason) {
        if (closed) {
            return;
        }
        closed = true;
        leaveGroup();
        endQuiescing();
        unwritten.cancel();
        long unsent = membership.queue().clear();
        if (unsent > 0 && reason != Reason.PEER_RESET) {
            server.unsent(unsent);
        }
        if (reason.isMembersFault()) {
            server.context().refused(reason, peer.remote(), "", NOTHING); // counts it too
        } else {
            server.context().counters().add(reason, 1);
        }
        LOG.log(Level.DEBUG, () -> describe() + " left: " + reason);
        server.left(this);
        server.forget(channel, true);
    }

    private void leaveGroup() {
        if (!left) {
            left = true;
            idle.cancel();
            rates.leave();
            membership.leave();
            count(Counter.MEMBERS, -1);
        }
    }

    @Override
    public String describe() {
        return server.context().name() + " " + Addresses.shown(peer.remote()) + " #" + number;
    }
}
