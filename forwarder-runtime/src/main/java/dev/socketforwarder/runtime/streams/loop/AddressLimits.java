package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressKey;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Limits how many connections each address has, and how fast each makes new ones. Addresses count as {@link AddressKey}
 * groups them. Thread-safe.
 *
 * <p>Only addresses that have a connection, or that made one within the last seconds, are kept. So no peer can fill the
 * memory.
 */
public final class AddressLimits {
    private static final int FEW = 1_024;

    private static final class Use {
        private RateLimit rate;
        private int connections;

        Use(RateLimit rate) {
            this.rate = rate;
        }
    }

    private final LongSupplier nanoClock;
    private final Map<AddressKey, Use> uses = new HashMap<>(); // guarded by itself, as are the limits
    private int mostConnections;
    private int mostPerSecond;
    private int sweepAt = FEW;

    /**
     * Make limits that have counted nothing yet.
     *
     * @param mostConnections the most connections of one address; 0: no limit
     * @param mostPerSecond the most new connections of one address per second; 0: no limit
     */
    public AddressLimits(int mostConnections, int mostPerSecond, LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        change(mostConnections, mostPerSecond);
    }

    /** Put other limits in force. No connection that was counted before is refused afterwards. */
    public void change(int connections, int perSecond) {
        synchronized (uses) {
            mostConnections = connections == 0 ? Integer.MAX_VALUE : connections;
            if (perSecond != mostPerSecond) {
                mostPerSecond = perSecond;
                uses.values().forEach(use -> use.rate = rate());
            }
        }
    }

    /** Count a new connection. A connection that is not refused needs a {@link #leave}. */
    public Optional<Reason> enter(InetAddress address) {
        synchronized (uses) {
            sweep();
            var use = uses.computeIfAbsent(AddressKey.of(address), _ -> new Use(rate()));
            if (mostPerSecond > 0) {
                if (use.rate.available() == 0) {
                    return Optional.of(Reason.ACCEPT_RATE);
                }
                use.rate.take(1);
            }
            if (use.connections >= mostConnections) {
                return Optional.of(Reason.TOO_MANY_FROM_ADDRESS);
            }
            use.connections++;
            return Optional.empty();
        }
    }

    public void leave(InetAddress address) {
        synchronized (uses) {
            var source = AddressKey.of(address);
            var use = uses.get(source);
            use.connections--;
            if (isForgettable(use)) {
                uses.remove(source);
            }
        }
    }

    /** {@return how many addresses are kept} */
    int size() {
        synchronized (uses) {
            return uses.size();
        }
    }

    private RateLimit rate() {
        int perSecond = Math.max(1, mostPerSecond);
        return new RateLimit(perSecond, perSecond, 1, nanoClock);
    }

    /**
     * Drop addresses now and then. Each call costs little on average, since the next sweep waits until as many new
     * addresses have come as stayed.
     */
    private void sweep() {
        if (uses.size() >= sweepAt) {
            uses.values().removeIf(this::isForgettable);
            sweepAt = Math.max(FEW, 2 * uses.size());
        }
    }

    private boolean isForgettable(Use use) {
        return use.connections == 0 && (mostPerSecond == 0 || use.rate.isFull());
    }
}
