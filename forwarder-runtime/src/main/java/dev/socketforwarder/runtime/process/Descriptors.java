package dev.socketforwarder.runtime.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** Finds how many files and sockets the kernel lets this process open. */
public final class Descriptors {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";

    private Descriptors() {}

    /** {@return the limit; empty if unknown} */
    public static OptionalInt limit() {
        try {
            return limit(Files.readAllLines(LIMITS, StandardCharsets.UTF_8));
        } catch (IOException _) {
            return OptionalInt.empty(); // not Linux
        }
    }

    /** {@return the soft limit among the lines of {@code /proc/self/limits}, if there is one} */
    public static OptionalInt limit(List<String> lines) {
        for (var line : lines) {
            if (line.startsWith(LINE)) {
                var soft = line.substring(LINE.length()).strip().split(" ", 2)[0];
                return soft.matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(soft)) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }
}
