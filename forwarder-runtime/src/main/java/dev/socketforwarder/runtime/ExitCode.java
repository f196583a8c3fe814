package dev.socketforwarder.runtime;

/** How the process ends. */
final class ExitCode {
    /** Stopped as asked, or the command is done. */
    static final int OK = 0;
    /** Failed to bind, or while running; for {@code health}: not listening. */
    static final int FAILED = 1;
    /** The command line or the configuration is wrong. */
    static final int USAGE = 2;
    /** No memory left, in the heap or outside. */
    static final int OUT_OF_MEMORY = 3;
    /** Ended by a signal; its number is added. */
    static final int SIGNAL = 128;

    private ExitCode() {}
}
