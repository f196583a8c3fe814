package dev.socketforwarder.benchmarks.load;

import java.net.InetSocketAddress;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * A server to load.
 *
 * @param address where it listens
 * @param protocol what it speaks
 * @param tls for its TLS connections; empty: it has none
 * @param pid its process, 0: not known
 */
record Target(InetSocketAddress address, Protocol protocol, Optional<SSLContext> tls, long pid) {}
