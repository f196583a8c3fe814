package dev.socketforwarder.runtime.process;

/** How the process ends. */
public final class ExitCode {
    /** Stopped as asked, or the command is done. */
    public static final int OK = 0;
    /** Failed to bind, or while running; for {@code health}: not listening. */
    public static final int FAILED = 1;
    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;
    /** No memory left, in the heap or outside. */
    static final int OUT_OF_MEMORY = 3;
    /** Ended by a signal; its number is added. */
    public static final int SIGNAL = 128;

    private ExitCode() {}
}
