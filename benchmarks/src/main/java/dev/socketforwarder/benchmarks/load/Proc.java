package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the kernel tells of a process.
 *
 * @param pid its number
 */
record Proc(long pid) {
    private static final double TICKS_PER_SECOND = 100; // what Linux shows to programs, whatever it has inside

    /** {@return the processor time that all its threads have used, in user and kernel mode} */
    double cpuSeconds() throws IOException {
        if (pid == 0) {
            return 0;
        }
        var stat = Files.readString(file("stat"));
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" "); // the name before it may hold anything
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    double residentMb() throws IOException {
        return status("VmRSS") / 1024.0;
    }

    long threads() throws IOException {
        return status("Threads");
    }

    long descriptors() throws IOException {
        try (var names = Files.list(file("fd"))) {
            return names.count();
        }
    }

    /** {@return how many descriptors it may have} */
    long mostDescriptors() throws IOException {
        return number("limits", "Max open files");
    }

    private long status(String key) throws IOException {
        return number("status", key + ":");
    }

    private long number(String file, String key) throws IOException {
        for (var line : Files.readAllLines(file(file))) {
            if (line.startsWith(key)) {
                return Long.parseLong(line.substring(key.length()).strip().split(" ")[0]);
            }
        }
        throw new IOException("no " + key + " in " + file(file));
    }

    private Path file(String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }
}
