package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.HostPort;
import dev.socketforwarder.transport.udp.PreconfiguredNames.Resolver;
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
 * @param resolver looks up names
 * @param lookUpInterval how long to wait before they are looked up again
 */
record Machine(
        LocalInterfaces interfaces,
        Supplier<Set<InetAddress>> ownAddresses,
        LongSupplier nanoClock,
        Resolver resolver,
        Duration lookUpInterval) {
    // Java itself remembers an answer for half of it.
    private static final Duration LOOK_UP_INTERVAL = Duration.ofMinutes(1);

    /** {@return this one} */
    static Machine real() {
        var interfaces = new LocalInterfaces();
        return new Machine(interfaces, interfaces::addresses, System::nanoTime, HostPort::resolve, LOOK_UP_INTERVAL);
    }
}
