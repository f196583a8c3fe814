package dev.socketforwarder.api;

import javax.net.ssl.SSLEngine;

/** TLS of one endpoint, with the certificate that is in force. Not for implementation by plugins; thread-safe. */
public interface Tls {

    /**
     * {@return a new engine for the server's side of one connection: TLS 1.2 or 1.3, and client certificates as the
     * settings ask for them}
     */
    SSLEngine newEngine();
}
