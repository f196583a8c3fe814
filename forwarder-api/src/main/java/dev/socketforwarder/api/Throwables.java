package dev.socketforwarder.api;

/** What is thrown by code of others. */
final class Throwables {
    private Throwables() {}

    /** Throw it on if it is no error of one task, but of the process: it has no memory left. */
    static void rethrowFatal(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
