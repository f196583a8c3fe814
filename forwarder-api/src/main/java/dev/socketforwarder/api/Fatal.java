package dev.socketforwarder.api;

/** Rethrows errors that must end the whole process. For code that catches exceptions of other code. */
public final class Fatal {
    private Fatal() {}

    /**
     * Rethrow an error if memory ran out. Such an error ends the process, not just the task that failed. Return normally for any
     * other exception.
     *
     * @param thrown the exception that was caught
     */
    public static void rethrow(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
