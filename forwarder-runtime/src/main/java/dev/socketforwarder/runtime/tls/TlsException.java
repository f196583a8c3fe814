package dev.socketforwarder.runtime.tls;

/** A file of certificates or keys that cannot be used; its message says why and goes after the file's name. */
final class TlsException extends Exception {
    private static final long serialVersionUID = 1L;

    TlsException(String message) {
        super(message);
    }
}
