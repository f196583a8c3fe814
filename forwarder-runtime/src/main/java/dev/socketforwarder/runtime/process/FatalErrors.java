package dev.socketforwarder.runtime.process;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;

/**
 * Handles errors that no code caught. The process ends when memory runs out, since a restart is better than a zombie.
 * The JVM's own switch (ExitOnOutOfMemoryError) covers the heap but not direct buffers.
 */
public final class FatalErrors {
    private static final int DEEPEST_CAUSE = 10;

    // Allocated while there is memory.
    private static final byte[] LINE =
            "socketforwarder: out of memory: exiting with code 3; allow more (-Xmx, -XX:MaxDirectMemorySize), or lower high-water\n"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    private FatalErrors() {}

    /** Handle what ends a thread, unless the thread has a handler of its own. */
    public static void install() {
        Thread.setDefaultUncaughtExceptionHandler(FatalErrors::uncaught);
    }

    public static void uncaught(Thread thread, Throwable thrown) {
        if (isOutOfMemory(thrown)) {
            endWithoutMemory();
        }
        try {
            LogHolder.LOG.log(Level.ERROR, "Thread " + thread.getName() + " ended by an error", thrown);
        } catch (OutOfMemoryError _) {
            endWithoutMemory();
        }
    }

    /** {@return whether memory ran out, in the heap or in direct buffers} */
    public static boolean isOutOfMemory(Throwable thrown) {
        var cause = thrown;
        for (int depth = 0; cause != null && depth < DEEPEST_CAUSE; depth++) {
            if (cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static void endWithoutMemory() {
        try {
            ERR.write(LINE);
        } catch (IOException _) {
            // Nothing is lost: the exit code tells the same.
        }
        // An orderly exit relies on memory too.
        Runtime.getRuntime().halt(ExitCode.OUT_OF_MEMORY);
    }

    /** Loaded later than the handler, which must be installed before log4j starts. */
    private static final class LogHolder {
        private static final Logger LOG = System.getLogger(FatalErrors.class.getName());
    }
}
