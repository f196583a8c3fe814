package dev.socketforwarder.runtime.server;

/** Says that an endpoint cannot start. The message is one line; a trace helps only if a plugin is to blame. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
