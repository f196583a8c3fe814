package dev.socketforwarder.runtime.process;

/** The exit codes of the process. */
public final class ExitCode {
    /** The process stopped as asked, or the command is done. */
    public static final int OK = 0;
    /** The start or the run failed; from {@code health}: the forwarder does not listen. */
    public static final int FAILED = 1;
    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;
    /** Heap or direct memory ran out. */
    static final int OUT_OF_MEMORY = 3;
    /** A signal ended the process; the signal's number is added. */
    public static final int SIGNAL = 128;

    private ExitCode() {}
}
