package dev.socketforwarder.runtime.server;

/** An endpoint cannot start. Its message is one line; a trace is worth showing only where a plugin is to blame. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message, Throwable cause) {
        super(message, cause);
    }
}
