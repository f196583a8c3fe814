package dev.socketforwarder.api;

/** Errors of the whole process, which no thread survives: for code that calls others and catches what they throw. */
public final class Fatal {
    private Fatal() {}

    /**
     * Throw an error again if memory ran out: that ends the process, not just the task that failed.
     *
     * @param thrown what was caught
     */
    public static void rethrow(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
