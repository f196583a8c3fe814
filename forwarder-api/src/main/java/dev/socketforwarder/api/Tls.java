package dev.socketforwarder.api;

import javax.net.ssl.SSLEngine;

/** Makes the TLS engines of one endpoint, with the certificate that is in force. Thread-safe. */
@NotForImplementation
public interface Tls {

    /**
     * {@return a new engine for the server's side of one connection: TLS 1.2 or 1.3, and client certificates as the
     * settings ask for them}
     */
    SSLEngine newEngine();
}
