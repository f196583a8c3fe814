package dev.socketforwarder.api;

/** Rethrows errors that end the whole process, for code that catches what others throw. */
public final class Fatal {
    private Fatal() {}

    /**
     * Throw an error again if memory ran out. Such an error ends the process, not just the task that failed.
     *
     * @param thrown what was caught
     */
    public static void rethrow(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
