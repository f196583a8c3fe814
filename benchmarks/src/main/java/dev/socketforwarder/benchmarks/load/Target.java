package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What to load: a server, or several that work together.
 *
 * @param address where receivers connect
 * @param entrance where senders connect
 * @param protocol what it speaks
 * @param tls for its TLS connections; empty: it has none
 * @param processes all that take part
 */
record Target(
        InetSocketAddress address,
        InetSocketAddress entrance,
        Protocol protocol,
        Optional<SSLContext> tls,
        List<Proc> processes) {

    /** {@return a single server} */
    static Target of(InetSocketAddress address, Protocol protocol, Optional<SSLContext> tls, Proc process) {
        return new Target(address, address, protocol, tls, List.of(process));
    }

    /** {@return the processor time that all processes have used} */
    double cpuSeconds() throws IOException {
        double all = 0;
        for (var process : processes) {
            all += process.cpuSeconds();
        }
        return all;
    }
}
