package dev.socketforwarder.runtime.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** How many files and sockets the kernel lets this process have. */
public final class Descriptors {
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final String LINE = "Max open files";

    private Descriptors() {}

    /** {@return how many that are; empty: nobody knows} */
    static OptionalInt limit() {
        try {
            return limit(Files.readAllLines(LIMITS, StandardCharsets.UTF_8));
        } catch (IOException _) {
            return OptionalInt.empty(); // another system than Linux
        }
    }

    /** {@return the limit in force among the lines that the kernel tells of them, if there is one} */
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
