package dev.socketforwarder.transport.udp;

/** Errors of the whole process, which no thread may survive. */
final class Fatal {
    private Fatal() {}

    /** Throw it on if memory ran out: whoever watches uncaught errors ends the process. */
    static void rethrow(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
