package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** One bound socket of a {@link StreamServer}, on its loop. */
final class StreamListener implements EndpointLoop.Ready {
    private static final Logger LOG = System.getLogger(StreamListener.class.getName());
    private static final int ACCEPTS_PER_TURN = 64;
    private static final long FIRST_PAUSE_MS = 10;
    private static final long LONGEST_PAUSE_MS = 500;

    private final StreamServer server;
    private final ServerSocketChannel channel;
    private SelectionKey key;
    private long pauseMs = FIRST_PAUSE_MS;

    StreamListener(StreamServer server, ServerSocketChannel channel) {
        this.server = server;
        this.channel = channel;
    }

    void begin() {
        try {
            key = server.loop().register(channel, SelectionKey.OP_ACCEPT, this);
        } catch (IOException _) {
            // Stopped meanwhile.
        }
    }

    void close() {
        StreamServer.close(channel);
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
            // listener.
            server.context().counters().add(Reason.ACCEPT_FAILED, 1);
            LOG.log(Level.DEBUG, () -> server.context().name() + " cannot name a peer: " + e);
            return true;
        }
        if (accepted == null) {
            return false;
        }
        pauseMs = FIRST_PAUSE_MS;
        serve(accepted);
        return true;
    }

    private void serve(SocketChannel accepted) {
        var counters = server.context().counters();
        counters.add(Counter.ACCEPTED, 1);
        try {
            accepted.configureBlocking(false);
            server.serve(
                    accepted,
                    new Peer(server.context().name(), accepted.getRemoteAddress(), accepted.getLocalAddress()));
        } catch (IOException _) {
            counters.add(Reason.PROBE, 1); // gone before we looked at it
            StreamServer.close(accepted);
        }
    }

    /** Without descriptors, say, the kernel would report the waiting connection again and again. */
    private void pause(IOException e) {
        server.context().counters().add(Reason.ACCEPT_FAILED, 1);
        if (pauseMs == FIRST_PAUSE_MS) { // once, until one was accepted again
            LOG.log(
                    Level.WARNING,
                    "{0} cannot accept, {1}: {2}; it tries again every {3} ms at the latest",
                    server.context().name(),
                    Reason.ACCEPT_FAILED,
                    e.getMessage(),
                    LONGEST_PAUSE_MS);
        }
        key.interestOps(0);
        server.loop().deadlines().in(TimeUnit.MILLISECONDS.toNanos(pauseMs), () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        });
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
}
