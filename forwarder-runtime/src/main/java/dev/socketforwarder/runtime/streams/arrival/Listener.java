package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.logging.OnceAMinute;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/** Accepts the connections of one bound address of an endpoint, on one loop. */
public final class Listener implements EventLoop.Selectable {
    private static final Logger LOG = System.getLogger(Listener.class.getName());
    private static final int ACCEPTS_PER_TURN = 64;
    private static final int MOST_WAITING = 65_536; // the largest backlog
    private static final long FIRST_PAUSE_MS = 10;
    private static final long LONGEST_PAUSE_MS = 500;

    private final Reception reception;
    private final ServerSocketChannel channel;
    private final SocketAddress bound;
    private final String address;
    private final EventLoop loop;
    private SelectionKey key;
    private long pauseMs = FIRST_PAUSE_MS;
    private final OnceAMinute lines = new OnceAMinute(System::nanoTime);

    /** Make the listener of a channel that listens at the address {@code bound}. */
    public Listener(Reception reception, ServerSocketChannel channel, SocketAddress bound, EventLoop loop) {
        this.reception = reception;
        this.channel = channel;
        this.bound = bound;
        this.address = Printable.line(AddressText.of(bound));
        this.loop = loop;
        reception.shared().loops().listeningAddresses().add(bound);
    }

    @Override
    public EventLoop loop() {
        return loop;
    }

    public void begin() {
        try {
            key = channel.register(loop.selector(), SelectionKey.OP_ACCEPT, this);
        } catch (ClosedChannelException _) {
            // The endpoint was stopped meanwhile.
        }
    }

    /** {@return whether this listens on {@code other}} */
    public boolean isOn(ServerSocketChannel other) {
        return channel == other;
    }

    /** {@return whether another process may listen at the same address} */
    public boolean sharesPort() {
        try {
            return channel.supportedOptions().contains(StandardSocketOptions.SO_REUSEPORT)
                    && channel.getOption(StandardSocketOptions.SO_REUSEPORT);
        } catch (IOException _) {
            return false; // the channel is closed
        }
    }

    /** Accept the connections that the kernel has completed, and close. */
    public void drain() {
        try {
            for (int i = 0; i < MOST_WAITING && acceptNext(); i++) {
                // The next may be waiting.
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Not all that waited at " + this + " were accepted", e);
        }
        close();
    }

    public void close() {
        reception.shared().loops().listeningAddresses().remove(bound);
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close " + this, e);
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
            // The endpoint was stopped meanwhile.
        } catch (IOException e) {
            pause(e);
        }
    }

    /** {@return whether another connection may be waiting} */
    private boolean acceptNext() throws IOException {
        SocketChannel accepted;
        try {
            accepted = channel.accept();
        } catch (IllegalArgumentException e) {
            // The peer has bound itself to a path with bytes that are no characters of this locale. Such a peer must
            // not end the listener, although the JDK keeps the peer's descriptor open.
            reception.shared().context().counters().add(Reason.ACCEPT_FAILED, 1);
            if (lines.isDue()) {
                logUnnamed(e);
            }
            return true;
        }
        if (accepted == null) {
            return false;
        }
        pauseMs = FIRST_PAUSE_MS;
        reception.accepted(accepted);
        return true;
    }

    /**
     * Stop accepting for a while. If descriptors are short, for example, the kernel would report the waiting connection
     * again and again.
     */
    private void pause(IOException e) {
        reception.shared().context().counters().add(Reason.ACCEPT_FAILED, 1);
        if (lines.isDue()) {
            logPause(e);
        }
        key.interestOps(0);
        loop.deadlines().in(TimeUnit.MILLISECONDS.toNanos(pauseMs), () -> {
            if (key.isValid()) {
                key.interestOps(SelectionKey.OP_ACCEPT);
            }
        });
        pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }

    private void logUnnamed(IllegalArgumentException e) {
        LOG.log(
                Level.WARNING,
                "{0} cannot accept a peer on {1}, {2}, and Java keeps the descriptor open: the path of the peer has"
                        + " bytes that are no characters in this locale ({3}); start the forwarder with"
                        + " LC_ALL=C.UTF-8",
                reception.shared().context().name(),
                address,
                Reason.ACCEPT_FAILED,
                e.getClass().getSimpleName());
    }

    /** Log the failure itself, not as a refusal: nobody was refused, but this machine lacks something. */
    private void logPause(IOException e) {
        LOG.log(
                Level.WARNING,
                "{0} cannot accept on {1}, {2}: {3}; the next attempt follows within {4} ms, and peers that connect"
                        + " wait meanwhile. If file descriptors have run out, raise their limit (ulimit -n) or lower"
                        + " max-connections",
                reception.shared().context().name(),
                address,
                Reason.ACCEPT_FAILED,
                e.getMessage(),
                LONGEST_PAUSE_MS);
    }

    @Override
    public void onFailure() {
        // Only the connection that failed is lost. The listener goes on.
    }

    @Override
    public String toString() {
        return "the listener on " + address;
    }
}
