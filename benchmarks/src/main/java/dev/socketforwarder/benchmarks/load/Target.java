package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * What to load: a server, or several that work together.
 *
 * @param exit where receivers connect
 * @param entrance where senders connect
 * @param tls for its TLS connections; empty: it has none
 * @param processes all that take part
 */
record Target(Access exit, Access entrance, Optional<SSLContext> tls, List<Proc> processes) {

    /** {@return a single server, at which all connect alike} */
    static Target of(Access access, Optional<SSLContext> tls, Proc process) {
        return new Target(access, access, tls, List.of(process));
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
