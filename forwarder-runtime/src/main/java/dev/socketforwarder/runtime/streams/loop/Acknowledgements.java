package dev.socketforwarder.runtime.streams.loop;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Asks the kernel what peers have acknowledged, on a thread of its own. Asks only about connections that others wait
 * for, or that are about to be closed, and never on the ordinary path. Thread-safe.
 */
public final class Acknowledgements implements AutoCloseable {
    private static final Logger LOG = System.getLogger(Acknowledgements.class.getName());
    private static final boolean IS_LINUX = System.getProperty("os.name").equals("Linux");

    private final Offload thread = new Offload("sock-diag-", () -> 1);
    private SockDiag kernel; // null: not opened yet; guarded by this
    private final AtomicBoolean tried = new AtomicBoolean(!IS_LINUX);
    private volatile boolean available = IS_LINUX;

    /**
     * {@return whether the kernel tells what peers have acknowledged, as far as is known; false: only our own writes
     * tell how far a peer is} The first call makes the other thread try, so that the answer is known before the first
     * peer is slow.
     */
    public boolean areAvailable() {
        if (!tried.get() && !tried.getAndSet(true)) {
            thread.execute(this::open);
        }
        return available;
    }

    /**
     * Ask how far a peer is. The answer, which is empty if nobody knows, goes to {@code then} on {@code owner}. Any
     * thread may ask.
     */
    public void ask(SocketChannel socket, Executor owner, Consumer<Optional<PeerProgress>> then) {
        if (available) {
            thread.execute(() -> {
                var progress = new AtomicReference<>(Optional.<PeerProgress>empty());
                try {
                    progress.set(progress(socket));
                } finally {
                    owner.execute(() -> then.accept(progress.get())); // even without an answer: the owner waits
                }
            });
        } else {
            owner.execute(() -> then.accept(Optional.empty()));
        }
    }

    /** Ask on the calling thread how far a peer is, which takes microseconds. Any thread may ask, except a loop's. */
    public Optional<PeerProgress> now(SocketChannel socket) {
        return progress(socket);
    }

    private synchronized Optional<PeerProgress> progress(SocketChannel socket) {
        try {
            if (!(socket.getLocalAddress() instanceof InetSocketAddress local)
                    || !(socket.getRemoteAddress() instanceof InetSocketAddress remote)) {
                return Optional.empty();
            }
            return available ? ask(local, remote) : Optional.empty();
        } catch (IOException _) {
            return Optional.empty(); // the socket was closed meanwhile
        }
    }

    private synchronized boolean open() {
        try {
            if (kernel == null) {
                kernel = new SockDiag();
            }
        } catch (IOException | LinkageError | IllegalCallerException e) {
            giveUp(e);
        }
        return available;
    }

    private Optional<PeerProgress> ask(InetSocketAddress local, InetSocketAddress remote) {
        try {
            return open() ? kernel.progress(local, remote) : Optional.empty();
        } catch (IOException e) {
            giveUp(e);
            return Optional.empty();
        }
    }

    private void giveUp(Throwable why) {
        available = false;
        LOG.log(
                Level.INFO,
                "The kernel does not tell what peers have acknowledged (sock_diag: {0}): slow peers are now detected by"
                        + " what the kernel accepts for them, and the send buffers of further connections are bounded",
                why.getMessage());
    }

    /** Release the kernel's resources. Questions that have not been answered stay unanswered. */
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
