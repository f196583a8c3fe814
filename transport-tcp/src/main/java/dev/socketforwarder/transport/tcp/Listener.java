package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.BindFailure;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One bound address of an endpoint, on one loop. */
final class Listener implements EventLoop.Selectable {
    private static final Logger LOG = System.getLogger(Listener.class.getName());
    private static final int ACCEPTS_PER_TURN = 64;
    private static final long FIRST_PAUSE_MS = 10;
    private static final long LONGEST_PAUSE_MS = 500;
    private static final long BETWEEN_LINES_NS = TimeUnit.MINUTES.toNanos(1);

    private final TcpEndpoint endpoint;
    private final ServerSocketChannel channel;
    private final InetSocketAddress address;
    private final EventLoop loop;
    private SelectionKey key;
    private long pauseMs = FIRST_PAUSE_MS;
    private long nextLineNs = System.nanoTime();

    private Listener(TcpEndpoint endpoint, ServerSocketChannel channel, EventLoop loop) throws IOException {
        this.endpoint = endpoint;
        this.channel = channel;
        this.address = (InetSocketAddress) channel.getLocalAddress();
        this.loop = loop;
    }

    /** Bind; from then on the kernel takes connections, and {@link #begin} accepts them. */
    static Listener bind(TcpEndpoint endpoint, InetSocketAddress address, EventLoop loop) throws IOException {
        // Of its own family, or Java would open an IPv4 wildcard as "::". "::" itself serves both.
        var family = address.getAddress() instanceof Inet4Address
                ? StandardProtocolFamily.INET
                : StandardProtocolFamily.INET6;
        ServerSocketChannel channel = null;
        try {
            channel = open(family);
            channel.bind(address, endpoint.settings().backlog());
            channel.configureBlocking(false);
            return new Listener(endpoint, channel, loop);
        } catch (IOException e) {
            if (channel != null) {
                channel.close();
            }
            throw new BindFailure(endpoint.context().name(), address, e);
        }
    }

    private static ServerSocketChannel open(ProtocolFamily family) throws IOException {
        try {
            return ServerSocketChannel.open(family);
        } catch (UnsupportedOperationException e) {
            throw new IOException(e.getMessage(), e); // no IPv6 on this machine, say
        }
    }

    InetSocketAddress address() {
        return address;
    }

    EventLoop loop() {
        return loop;
    }

    void begin() {
        try {
            key = channel.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
        } catch (ClosedChannelException _) {
            // Stopped meanwhile.
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing " + this, e);
        }
    }

    @Override
    public void onReady(SelectionKey ready) {
        try {
            for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
                SocketChannel accepted = channel.accept();
                if (accepted == null) {
                    break;
                }
                pauseMs = FIRST_PAUSE_MS;
                endpoint.accepted(accepted);
            }
        } catch (ClosedChannelException _) {
            // Stopped meanwhile.
        } catch (IOException e) {
            pause(e);
        }
    }

    /** Without descriptors, say, the kernel would report the waiting connection again and again. */
    private void pause(IOException e) {
        endpoint.context().counters().add(Reason.ACCEPT_FAILED, 1);
        logPause(e);
        key.interestOps(0);
        loop.deadlines.in(TimeUnit.MILLISECONDS.toNanos(pauseMs), () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        });
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }

    /** Nobody was refused, so it is no line like those: this machine lacks something. Once a minute, as peers can cause it. */
    private void logPause(IOException e) {
        long nowNs = System.nanoTime();
        if (nowNs - nextLineNs < 0) {
            return;
        }
        nextLineNs = nowNs + BETWEEN_LINES_NS;
        LOG.log(
                Level.WARNING,
                "{0} cannot accept on {1}, {2}: {3}; it tries again every {4} ms at the latest, and who connects waits"
                        + " meanwhile. Where descriptors are short, raise their limit (ulimit -n) or lower"
                        + " max-connections",
                endpoint.context().name(),
                TcpEndpoint.text(address),
                Reason.ACCEPT_FAILED,
                e.getMessage(),
                LONGEST_PAUSE_MS);
    }

    @Override
    public void onFailure() {
        // The connection that failed is lost; listening goes on.
    }

    @Override
    public String toString() {
        return "the listener on " + TcpEndpoint.text(address);
    }
}
