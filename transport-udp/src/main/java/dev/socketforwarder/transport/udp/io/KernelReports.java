package dev.socketforwarder.transport.udp.io;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressText;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Counts what the kernel reports of lost datagrams, and logs it at most once a minute, so that a flood of datagrams
 * does not flood the log. Used on the endpoint's thread.
 */
public final class KernelReports {
    private static final Logger LOG = System.getLogger(KernelReports.class.getName());
    private static final long PAUSE_NS = TimeUnit.MINUTES.toNanos(1);

    private final String endpoint;
    private final Counters counters;
    private Consumer<InetSocketAddress> onUnreachable = _ -> {};
    private long overflowedUnsaid;
    private long overflowSaidNs = System.nanoTime() - PAUSE_NS;
    private long unreachableSaidNs = overflowSaidNs;

    KernelReports(String endpoint, Counters counters) {
        this.endpoint = endpoint;
        this.counters = counters;
    }

    /** Report datagrams that found no room in the receive buffer. */
    public void overflowed(long datagrams) {
        counters.add(Reason.RECEIVE_OVERFLOW, datagrams);
        overflowedUnsaid += datagrams;
        long now = System.nanoTime();
        if (now - overflowSaidNs >= PAUSE_NS) {
            LOG.log(
                    Level.WARNING,
                    "Endpoint {0}: {1} datagrams were lost, because they arrived faster than they were read; remedy: a larger"
                            + " receive-buffer",
                    endpoint,
                    Long.toString(overflowedUnsaid));
            overflowedUnsaid = 0;
            overflowSaidNs = now;
        }
    }

    /**
     * Also tell {@code listener} the addresses of undelivered datagrams. The listener must not send, and must remove
     * members later.
     */
    public void onUnreachable(Consumer<InetSocketAddress> listener) {
        onUnreachable = listener;
    }

    /** Report what the network said of a datagram. */
    public void unreachable(InetSocketAddress to, String why) {
        counters.add(Reason.UNREACHABLE, 1);
        onUnreachable.accept(to);
        long now = System.nanoTime();
        if (now - unreachableSaidNs >= PAUSE_NS) {
            // Normal where members come and go.
            LOG.log(
                    Level.DEBUG,
                    () -> "Endpoint " + endpoint + ": " + AddressText.of(to) + " cannot be reached, " + why);
            unreachableSaidNs = now;
        }
    }
}
