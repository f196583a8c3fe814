package dev.socketforwarder.runtime;

/** The program was not told what to do, or wrongly. Its message is one line, and ends with what to do next. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
