package dev.socketforwarder.runtime.tls;

/** Says that a file of certificates or keys cannot be used. The message says why, to be put after the file's name. */
final class TlsException extends Exception {
    private static final long serialVersionUID = 1L;

    TlsException(String message) {
        super(message);
    }
}
