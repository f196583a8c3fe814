package dev.socketforwarder.runtime.streams;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Asks the kernel what peers have acknowledged, on a thread of its own. It is asked about connections that others wait for
 * or that are about to be closed, never on the ordinary path. Thread-safe.
 */
final class Acknowledgements implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Acknowledgements.class.getName());
    private static final boolean IS_LINUX = System.getProperty("os.name").equals("Linux");

    private final OffLoop thread = new OffLoop("sock-diag-", () -> 1);
    private SockDiag kernel; // null: not asked yet; guarded by this
    private volatile boolean available = IS_LINUX;

    /** {@return whether the kernel has told so far; false: our own writes alone say how far a peer is} */
    boolean areAvailable() {
        return available;
    }

    /** Ask how far a peer is; {@code then} is told by {@code owner}, nothing if nobody knows. Any thread. */
    void ask(SocketChannel socket, Executor owner, Consumer<Optional<Progress>> then) {
        if (available) {
            thread.execute(() -> {
                var progress = progress(socket);
                owner.execute(() -> then.accept(progress));
            });
        } else {
            owner.execute(() -> then.accept(Optional.empty()));
        }
    }

    private synchronized Optional<Progress> progress(SocketChannel socket) {
        try {
            if (!(socket.getLocalAddress() instanceof InetSocketAddress local)
                    || !(socket.getRemoteAddress() instanceof InetSocketAddress remote)) {
                return Optional.empty();
            }
            return available ? ask(local, remote) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty(); // closed meanwhile
        }
    }

    private Optional<Progress> ask(InetSocketAddress local, InetSocketAddress remote) {
        try {
            if (kernel == null) {
                kernel = new SockDiag();
            }
            return kernel.progress(local, remote);
        } catch (IOException | LinkageError | IllegalCallerException e) {
            available = false;
            LOG.log(
                    Level.INFO,
                    "The kernel does not tell what peers have acknowledged (sock_diag: {0}); how far a slow one is, is told by"
                            + " what the kernel takes for it, and send buffers of further connections are bounded",
                    e.getMessage());
            return Optional.empty();
        }
    }

    /** Let go of what the kernel gave. What was asked is answered no more. */
    @Override
    public void close() {
        thread.close();
        synchronized (this) {
            if (kernel != null) {
                kernel.close();
                kernel = null;
            }
        }
    }
}
