package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import javax.net.ssl.SSLEngine;

/**
 * Makes TLS engines with the certificates in force, for the clients of one endpoint or for one server that the endpoint dials.
 * Thread-safe.
 */
@NotForImplementation
public interface Tls {

    /**
     * {@return a new engine for the forwarder's side of one connection, for TLS 1.2 or 1.3. Toward a client, the engine asks for a
     * certificate as the settings say. Toward a server, the engine verifies the server's certificate and name}
     */
    SSLEngine newEngine();
}
