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
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;

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

    private final StreamServer server;
    private final EndpointThread loop;
    private final SocketChannel channel;
    private final Peer peer;
    private final int number;
    private final Silence idle;
    private final Silence unwritten;
    private final StreamReading reading;

    // These from the join on.
    private Membership membership;
    private SelectionKey key;

    private boolean blocked; // until the peer takes something
    private boolean failed; // nothing can be written any more
    private boolean left;
    private boolean closed;
    private StreamLeaving leaving; // null: it stays

    StreamMember(StreamServer server, SocketChannel channel, Peer peer, int number, ByteBuffer early) {
        var settings = server.settings();
        this.server = server;
        this.loop = server.loop();
        this.channel = channel;
        this.peer = peer;
        this.number = number;
        this.reading = new StreamReading(this, server, channel, early);
        this.idle = new Silence(loop.deadlines(), settings.idleTimeout().toNanos(), () -> close(Reason.IDLE));
        this.unwritten =
                new Silence(loop.deadlines(), settings.writeDeadline().toNanos(), () -> close(Reason.WRITE_DEADLINE));
    }

    void join(GroupId id, SelectionKey registered) {
        key = registered;
        switch (server.context().groups().join(id, this, loop)) {
            case Joined(var joined) -> {
                membership = joined;
                reading.begin(id, joined);
                server.joined(this);
                count(Counter.JOINED, 1);
                count(Counter.MEMBERS, 1);
                LOG.log(Level.DEBUG, () -> describe() + " joined " + id);
                idle.begin();
                joined.joinReply().ifPresent(this::greet);
                updateInterest();
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
                reading.soon();
            } else {
                leaving.discard();
            }
        }
    }

    @Override
    public void failed(Throwable thrown) {
        close(Reason.INTERNAL_ERROR);
    }

    boolean isClosed() {
        return closed;
    }

    /** {@return whether it is in its group} */
    boolean isMember() {
        return !closed && leaving == null;
    }

    /** {@return whether the peer can get nothing any more} */
    boolean hasFailed() {
        return failed;
    }

    /** Something was read of it. */
    void heard() {
        idle.heard();
    }

    /** The peer has ended its side. */
    void onEnd() {
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
                leaving.onFlushed();
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
        if (leaving != null || reading.hasEnded()) {
            close(leaving == null ? Reason.PEER_RESET : leaving.reason());
        } else {
            reading.soon();
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
        if (membership != null) {
            reading.soon();
        }
    }

    void updateInterest() {
        if (closed || membership == null || !key.isValid()) {
            return;
        }
        // One that leaves is read for its end only; reading on after that end would spin.
        boolean reads = leaving == null ? reading.isWanted() : !reading.hasEnded();
        int wanted = (reads ? SelectionKey.OP_READ : 0) | (blocked ? SelectionKey.OP_WRITE : 0);
        if (key.interestOps() != wanted) {
            key.interestOps(wanted);
        }
    }

    /** Read what the kernel holds, but no flood, then nothing more. */
    void quiesce(Outstanding waiting) {
        reading.quiesce(waiting);
    }

    /** Flush, shut the output, discard the input, close. */
    void stop() {
        if (!closed && leaving == null) {
            leaveAfterFlush(Reason.STOPPED);
        }
    }

    private void leaveAfterFlush(Reason reason) {
        leaving = new StreamLeaving(this, server, channel, reading, membership.queue(), reason);
        leaveGroup();
        leaving.begin();
        updateInterest();
    }

    @Override
    public void close(Reason reason) {
        if (closed) {
            return;
        }
        closed = true;
        leaveGroup();
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
            reading.leave();
            membership.leave();
            count(Counter.MEMBERS, -1);
        }
    }

    @Override
    public String describe() {
        return server.context().name() + " " + Addresses.shown(peer.remote()) + " #" + number;
    }
}
