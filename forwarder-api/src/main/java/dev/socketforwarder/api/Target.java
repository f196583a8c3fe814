package dev.socketforwarder.api;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * Describes a server to dial, and what to do when the server answers. See {@link Streams#dial}.
 *
 * @param group the group that the server joins as a member
 * @param host a name, which is looked up at each attempt, or an address without brackets
 * @param port 1 to 65535
 * @param greeting what the server is sent before anything else, copied from position to limit; may be empty
 * @param timeout the longest time that one address of the server may take to answer, and then to negotiate TLS
 * @param tls makes the TLS engines, as obtained from {@link TransportContext#tlsTo}; empty for a connection without TLS
 */
public record Target(GroupId group, String host, int port, ByteBuffer greeting, Duration timeout, Optional<Tls> tls) {
    private static final int HIGHEST_PORT = 65_535;

    /**
     * Make a target with a copy of the greeting.
     *
     * @throws IllegalArgumentException if the host is empty, the port is out of range, or the timeout is not positive
     */
    public Target {
        Objects.requireNonNull(group);
        Objects.requireNonNull(tls);
        if (host.isEmpty() || port < 1 || port > HIGHEST_PORT) {
            throw new IllegalArgumentException("not a server: " + host + " port " + port);
        }
        if (!timeout.isPositive()) {
            throw new IllegalArgumentException("the timeout is not positive: " + timeout);
        }
        greeting = ByteBuffer.allocate(greeting.remaining())
                .put(greeting.duplicate())
                .flip()
                .asReadOnlyBuffer();
    }

    /** {@return a view of the greeting with an independent position} */
    @Override
    public ByteBuffer greeting() {
        return greeting.duplicate();
    }

    /** {@return the server as settings and logs write it: {@code example.org:80}, {@code [::1]:80}} */
    @Override
    public String toString() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
