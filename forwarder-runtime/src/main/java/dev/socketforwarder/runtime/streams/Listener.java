package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
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

    private final StreamServer server;
    private final ServerSocketChannel channel;
    private final SocketAddress bound;
    private final String address;
    private final EventLoop loop;
    private SelectionKey key;
    private long pauseMs = FIRST_PAUSE_MS;
    private long nextLineNs = System.nanoTime();

    Listener(StreamServer server, ServerSocketChannel channel, EventLoop loop) throws IOException {
        this.server = server;
        this.channel = channel;
        this.bound = channel.getLocalAddress();
        this.address = Printable.line(HostPort.text(bound));
        this.loop = loop;
        server.loops().listening().add(bound);
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
        server.loops().listening().remove(bound);
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
                if (!acceptNext()) {
                    break;
                }
            }
        } catch (ClosedChannelException _) {
            // Stopped meanwhile.
        } catch (IOException e) {
            pause(e);
        }
    }

    /** {@return whether there may be another one} */
    private boolean acceptNext() throws IOException {
        SocketChannel accepted;
        try {
            accepted = channel.accept();
        } catch (IllegalArgumentException e) {
            // A peer that bound itself to a path with bytes which are no characters of this locale. It must not end the
            // listener, though the JDK keeps its descriptor open.
            server.context().counters().add(Reason.ACCEPT_FAILED, 1);
            if (isLineDue()) {
                logUnnamed(e);
            }
            return true;
        }
        if (accepted == null) {
            return false;
        }
        pauseMs = FIRST_PAUSE_MS;
        server.reception().accepted(accepted);
        return true;
    }

    /** Without descriptors, say, the kernel would report the waiting connection again and again. */
    private void pause(IOException e) {
        server.context().counters().add(Reason.ACCEPT_FAILED, 1);
        if (isLineDue()) {
            logPause(e);
        }
        key.interestOps(0);
        loop.deadlines.in(TimeUnit.MILLISECONDS.toNanos(pauseMs), () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        });
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }

    /** {@return whether nothing was said for a minute: peers can cause it as often as they like} */
    private boolean isLineDue() {
        long nowNs = System.nanoTime();
        if (nowNs - nextLineNs < 0) {
            return false;
        }
        nextLineNs = nowNs + BETWEEN_LINES_NS;
        return true;
    }

    private void logUnnamed(IllegalArgumentException e) {
        LOG.log(
                Level.WARNING,
                "{0} cannot accept a peer on {1}, {2}, and Java keeps its descriptor open: its path has bytes that are no"
                        + " characters in this locale ({3}); start with LC_ALL=C.UTF-8",
                server.context().name(),
                address,
                Reason.ACCEPT_FAILED,
                e.getClass().getSimpleName());
    }

    /** Nobody was refused, so it is no line like those: this machine lacks something. */
    private void logPause(IOException e) {
        LOG.log(
                Level.WARNING,
                "{0} cannot accept on {1}, {2}: {3}; it tries again every {4} ms at the latest, and who connects waits"
                        + " meanwhile. Where descriptors are short, raise their limit (ulimit -n) or lower"
                        + " max-connections",
                server.context().name(),
                address,
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
        return "the listener on " + address;
    }
}
