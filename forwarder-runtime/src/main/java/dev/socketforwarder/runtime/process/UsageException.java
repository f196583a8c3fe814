package dev.socketforwarder.runtime.process;

/** The program was not told what to do, or wrongly. Its message is one line, and ends with what to do next. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
