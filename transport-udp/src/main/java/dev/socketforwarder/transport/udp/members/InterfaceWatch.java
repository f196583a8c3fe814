package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.transport.udp.io.Link;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;

/**
 * Lists the network interfaces once a second, on a thread of its own, and tells the endpoint's thread what has changed.
 */
public final class InterfaceWatch implements AutoCloseable {
    private static final Logger LOG = System.getLogger(InterfaceWatch.class.getName());
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    /** Adapts to the network interfaces. */
    @FunctionalInterface
    public interface Follower {
        /**
         * Adapt to these interfaces, on the endpoint's thread.
         *
         * @return false if something failed that may work the next time, though nothing has changed
         */
        boolean follow(List<Link> now);
    }

    private final LocalInterfaces interfaces;
    private final Owner owner;
    private final Follower follower;
    private final Thread thread;
    private volatile boolean settled; // false at first, since something may have changed since the start

    /**
     * Start the watch, which calls {@code follower} on the thread of {@code owner}. The first look is after a second.
     */
    public InterfaceWatch(String endpoint, LocalInterfaces interfaces, Owner owner, Follower follower) {
        this.interfaces = interfaces;
        this.owner = owner;
        this.follower = follower;
        this.thread = Thread.ofVirtual().name("udp-interfaces-" + endpoint).unstarted(this::watch);
    }

    public InterfaceWatch start() {
        thread.start();
        return this;
    }

    private void watch() {
        var last = List.<Link>of();
        try {
            while (true) {
                Thread.sleep(INTERVAL);
                try {
                    last = look(last);
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.DEBUG, "Cannot list the network interfaces", e);
                }
            }
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    private List<Link> look(List<Link> last) throws IOException {
        var now = interfaces.links();
        if (!settled || !now.equals(last)) {
            settled = true; // avoids a second call before the first has answered
            owner.execute(() -> settled = follower.follow(now));
        }
        return now;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
