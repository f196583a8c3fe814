package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.locks.LockSupport;

/** A connection of a {@link FaultyEndpoint}, used on the endpoint's thread. */
final class FaultyConnection implements Member {
    private static final long LINGER_NS = 500_000_000;

    private final FaultyEndpoint endpoint;
    private final SocketChannel channel;
    private final SelectionKey key;
    private final Peer peer;
    private final ByteBuffer first = ByteBuffer.allocate(1_024);
    private Membership membership; // null while the connection is not a member
    private boolean paused;
    private boolean quiesced;
    private boolean leaving; // has left the group, and is still flushing
    private boolean ended; // the peer has ended its side
    private boolean hasPlace = true;
    private long lingerEndNs; // 0 until all bytes are written

    FaultyConnection(FaultyEndpoint endpoint, SocketChannel channel, Selector selector) throws IOException {
        this.endpoint = endpoint;
        this.channel = channel;
        this.key = channel.register(selector, SelectionKey.OP_READ, this);
        this.peer =
                new Peer(endpoint.context.name(), (InetSocketAddress) channel.getRemoteAddress(), (InetSocketAddress)
                        channel.getLocalAddress());
    }

    void onReady(SelectionKey ready) {
        try {
            if (ready.isValid() && ready.isWritable()) {
                write();
            }
            if (ready.isValid() && ready.isReadable()) {
                read();
            }
        } catch (IOException e) {
            onReset(e);
        }
    }

    private void onReset(IOException e) {
        if (endpoint.fault == Fault.ENDS_AT_A_RESET) {
            throw new UncheckedIOException(e);
        }
        end(Reason.PEER_RESET);
    }

    private int read() throws IOException {
        endpoint.buffer.clear();
        int n = channel.read(endpoint.buffer);
        if (n < 0) {
            ended = true;
            finish();
        } else if (leaving || n == 0) {
            return n; // the bytes are discarded
        } else if (membership == null) {
            greet(n);
        } else {
            publish(0, n);
        }
        return n;
    }

    private void greet(int n) {
        int fits = Math.min(n, first.remaining());
        first.put(endpoint.buffer.slice(0, fits));
        var bytes = first.duplicate().flip().asReadOnlyBuffer();
        var outcome =
                endpoint.handshake.consider(peer, bytes, first.position() == n ? Arrival.FIRST_READ : Arrival.MORE);
        switch (outcome) {
            case Admitted(var group, int consumed) -> join(group, consumed - (first.position() - fits), n);
            case NeedMore() -> {
                if (!first.hasRemaining() && endpoint.fault == Fault.READS_FOR_EVER) {
                    first.position(ScriptedHandshake.JOIN.length());
                } else if (!first.hasRemaining()) {
                    refuse(Reason.FIRST_MESSAGE_TOO_LONG, false);
                }
            }
            case Challenge(var reply) -> {
                if (endpoint.fault != Fault.ASKS_NOTHING) {
                    try {
                        channel.write(reply);
                    } catch (IOException _) {
                        end(Reason.PEER_RESET);
                    }
                }
            }
            case Rejected(var reason, var _) -> refuse(reason, endpoint.fault == Fault.KEEPS_THE_REJECTED);
            case Declined(var reason, var _) -> refuse(reason, false);
        }
    }

    private void join(String group, int from, int n) {
        if (endpoint.fault == Fault.JOINS_ELSEWHERE) {
            var thread = Thread.ofPlatform().daemon().start(() -> joinHere(group));
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        } else {
            joinHere(group);
        }
        if (membership != null && from < n && endpoint.fault != Fault.LOSES_THE_REST) {
            publish(from, n - from);
        }
    }

    private void joinHere(String group) {
        switch (endpoint.context.groups().join(GroupId.of(group), this, endpoint.owner())) {
            case Joined(var joined) -> {
                membership = joined;
                endpoint.context.counters().add(Counter.JOINED, 1);
                endpoint.context.counters().add(Counter.MEMBERS, 1);
            }
            case Refused(var reason) -> refuse(reason, endpoint.fault == Fault.KEEPS_THE_REFUSED);
        }
    }

    private void publish(int from, int length) {
        if (endpoint.fault != Fault.COUNTS_NO_BYTES) {
            endpoint.context.counters().add(Counter.BYTES_IN, length);
        }
        endpoint.context.counters().add(Counter.READS, 1);
        int kept = endpoint.fault == Fault.SWALLOWS ? Math.min(length, 8) : length;
        var batch = endpoint.batch.clear().add(from, kept);
        if (endpoint.fault == Fault.ECHOES) {
            deliver(batch);
        }
        if (endpoint.fault == Fault.PUBLISHES_ELSEWHERE) {
            var thread = Thread.ofPlatform().daemon().start(() -> membership.publish(batch));
            try {
                thread.join();
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        } else {
            membership.publish(batch);
        }
        endpoint.flush();
        endpoint.block.recycle();
    }

    void refuse(Reason reason, boolean keep) {
        hasPlace = reason != Reason.TOO_MANY_CONNECTIONS;
        endpoint.context.refused(reason, peer.remote(), "", ByteBuffer.allocate(0));
        if (keep) {
            leaving = true;
        } else {
            end(reason);
        }
    }

    @Override
    public void deliver(Batch batch) {
        if (endpoint.fault == Fault.THROWS) {
            throw new IllegalStateException("a fault");
        }
        membership.queue().add(batch);
        endpoint.unflushed.add(this);
    }

    void write() {
        try {
            long n;
            do {
                n = membership.queue().writeTo(channel);
                endpoint.context.counters().add(Counter.BYTES_OUT, n);
                endpoint.context.counters().add(Counter.WRITES, 1);
                if (endpoint.fault == Fault.BLOCKS && !membership.queue().isEmpty()) {
                    LockSupport.parkNanos(1_000_000);
                }
            } while (endpoint.fault == Fault.BLOCKS && !membership.queue().isEmpty());
            if (endpoint.fault == Fault.WRITES_ONCE) {
                membership.queue().clear();
            }
            interest();
            if (leaving && membership.queue().isEmpty()) {
                flushed();
            }
        } catch (IOException e) {
            onReset(e);
        }
    }

    private void flushed() throws IOException {
        if (ended) {
            end(Reason.PEER_CLOSED);
        } else {
            channel.shutdownOutput(); // what the peer still sends is discarded until it ends its side
            lingerEndNs = System.nanoTime() + LINGER_NS;
        }
    }

    /** Close the connection after a time, even if the peer does not end its side. */
    void lingerNoMore() {
        if (lingerEndNs != 0 && System.nanoTime() > lingerEndNs) {
            end(Reason.STOPPED);
        }
    }

    private void interest() {
        if (!key.isValid()) {
            return;
        }
        boolean reads = !ended && (leaving || !paused && !quiesced);
        boolean writes = membership != null && !membership.queue().isEmpty();
        key.interestOps((reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0));
    }

    void readAll() {
        try {
            while (channel.isOpen() && membership != null && !leaving && read() > 0) {
                // Read until the kernel holds nothing more.
            }
        } catch (IOException _) {
            end(Reason.PEER_RESET);
        }
    }

    void readNoMore() {
        quiesced = true;
        interest();
    }

    /** Leave the group now, and close the connection once all queued bytes are written. */
    void finish() {
        if (leaving && !ended) {
            return;
        }
        if (membership == null || endpoint.fault == Fault.CUTS && endpoint.isStopping()) {
            end(Reason.STOPPED);
            return;
        }
        leave();
        leaving = true;
        interest();
        write();
    }

    private void leave() {
        if (membership != null && !leaving) {
            membership.leave(Reason.PEER_CLOSED);
            endpoint.context.counters().add(Counter.MEMBERS, -1);
        }
    }

    void end(Reason reason) {
        if (!channel.isOpen()) {
            return;
        }
        leave();
        leaving = true;
        if (membership != null) {
            endpoint.missed(membership.queue().clear());
        }
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (hasPlace && endpoint.fault != Fault.TAKES_NO_PLACE) {
            endpoint.context.connections().giveBack();
        }
        endpoint.gone(this);
    }

    @Override
    public void pause() {
        if (endpoint.fault == Fault.LEAVES_WHEN_PAUSED) {
            leave();
        }
        paused = endpoint.fault != Fault.IGNORES_PAUSE;
        interest();
    }

    @Override
    public void resume() {
        paused = paused && endpoint.fault == Fault.IGNORES_RESUME;
        interest();
    }

    @Override
    public void close(Reason reason) {
        if (endpoint.fault != Fault.IGNORES_CLOSE) {
            endpoint.context.counters().add(reason, 1);
            end(reason);
        }
    }

    @Override
    public String describe() {
        return endpoint.fault == Fault.DESCRIBES_AT_LENGTH ? "x\n" : endpoint.context.name() + " " + peer.remote();
    }
}
