package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Set;
import java.util.function.LongSupplier;

/** Makes machines that differ from this one in a single respect. */
final class TestMachine {
    private static final Machine REAL = Machine.real();

    private TestMachine() {}

    static Machine withOwnAddresses(Set<InetAddress> addresses) {
        return new Machine(
                REAL.interfaces(), () -> addresses, REAL.nanoClock(), REAL.resolver(), REAL.lookUpInterval());
    }

    static Machine withInterfaces(LocalInterfaces interfaces) {
        return new Machine(interfaces, REAL.ownAddresses(), REAL.nanoClock(), REAL.resolver(), REAL.lookUpInterval());
    }

    static Machine withClock(LongSupplier nanoClock) {
        return new Machine(REAL.interfaces(), REAL.ownAddresses(), nanoClock, REAL.resolver(), REAL.lookUpInterval());
    }

    static Machine withNames(Lookups.Resolver resolver, Duration lookUpInterval) {
        var lookups = new Lookups(task -> Thread.ofVirtual().start(task), resolver);
        return new Machine(REAL.interfaces(), REAL.ownAddresses(), REAL.nanoClock(), lookups, lookUpInterval);
    }
}
