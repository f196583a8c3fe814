package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * The machine that endpoints run on, replaceable in tests.
 *
 * @param interfaces its network interfaces
 * @param ownAddresses its addresses
 * @param nanoClock monotonic, in nanoseconds
 * @param resolver looks up names, away from the endpoints' threads
 * @param lookUpInterval the time between two look-ups of a name
 */
record Machine(
        LocalInterfaces interfaces,
        Supplier<Set<InetAddress>> ownAddresses,
        LongSupplier nanoClock,
        Lookups resolver,
        Duration lookUpInterval) {
    // Java caches an answer for the same time; together that is a minute.
    private static final Duration LOOK_UP_INTERVAL = Duration.ofSeconds(30);

    /** {@return this machine} */
    static Machine real() {
        var interfaces = new LocalInterfaces();
        // Daemons, since a look-up cannot be interrupted and must not keep the process alive.
        var threads = Thread.ofPlatform().name("udp-lookup-", 0).daemon().factory();
        var lookups = new Lookups(Executors.newCachedThreadPool(threads));
        return new Machine(interfaces, interfaces::addresses, System::nanoTime, lookups, LOOK_UP_INTERVAL);
    }
}
