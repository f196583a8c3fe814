package dev.socketforwarder.transport.udp.io;

/** Errors of the whole process, which no thread may survive. */
public final class Fatal {
    private Fatal() {}

    /** Throw it on if memory ran out: whoever watches uncaught errors ends the process. */
    public static void rethrow(Throwable thrown) {
        if (thrown instanceof OutOfMemoryError fatal) {
            throw fatal;
        }
    }
}
