package dev.socketforwarder.runtime.process;

/**
 * Says that the command line or the configuration is incomplete or wrong. The message is one line that ends with what
 * to do.
 */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
