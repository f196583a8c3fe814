package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What endpoints know of the machine that they run on; tests have another.
 *
 * @param interfaces its network interfaces
 * @param ownAddresses its addresses
 * @param nanoClock monotonic, in nanoseconds
 * @param resolver looks up names, off the endpoints' threads
 * @param lookUpInterval how long to wait before they are looked up again
 */
record Machine(
        LocalInterfaces interfaces,
        Supplier<Set<InetAddress>> ownAddresses,
        LongSupplier nanoClock,
        Lookups resolver,
        Duration lookUpInterval) {
    // Java itself remembers an answer as long as this: together they are a minute.
    private static final Duration LOOK_UP_INTERVAL = Duration.ofSeconds(30);

    /** {@return this one} */
    static Machine real() {
        var interfaces = new LocalInterfaces();
        var lookups = new Lookups("udp-lookup-");
        return new Machine(interfaces, interfaces::addresses, System::nanoTime, lookups, LOOK_UP_INTERVAL);
    }
}
