package dev.socketforwarder.transport.udp;

import java.net.InetAddress;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What endpoints know of the machine that they run on; tests have another.
 *
 * @param interfaces its network interfaces
 * @param ownAddresses its addresses
 * @param nanoClock monotonic, in nanoseconds
 */
record Machine(LocalInterfaces interfaces, Supplier<Set<InetAddress>> ownAddresses, LongSupplier nanoClock) {

    /** {@return this one} */
    static Machine real() {
        var interfaces = new LocalInterfaces();
        return new Machine(interfaces, interfaces::addresses, System::nanoTime);
    }

    Machine withClock(LongSupplier other) {
        return new Machine(interfaces, ownAddresses, other);
    }
}
