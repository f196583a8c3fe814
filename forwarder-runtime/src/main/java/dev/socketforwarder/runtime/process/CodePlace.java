package dev.socketforwarder.runtime.process;

import java.util.Arrays;

/** Tells which code a thread runs, for a log line that names what blocks. */
public final class CodePlace {
    private CodePlace() {}

    /** {@return the innermost frame of the thread outside the JDK} */
    public static String of(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .filter(frame -> frame.getModuleName() == null
                        || !frame.getModuleName().startsWith("java.")
                                && !frame.getModuleName().startsWith("jdk."))
                .findFirst()
                .map(StackTraceElement::toString)
                .orElse("nothing of its own");
    }
}
