package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import javax.net.ssl.SSLEngine;

/**
 * Makes the TLS engines of one endpoint's clients, or of one server that it dials, with the certificates that are in force. Thread-safe.
 */
@NotForImplementation
public interface Tls {

    /**
     * {@return a new engine for our side of one connection, TLS 1.2 or 1.3; with a client it asks for a certificate as the
     * settings say, and with a server it verifies the certificate and the name}
     */
    SSLEngine newEngine();
}
