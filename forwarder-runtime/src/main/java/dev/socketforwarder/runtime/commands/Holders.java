package dev.socketforwarder.runtime.commands;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Tells whether sockets belong to this program, as far as this user may see that: by the open files of its processes. */
final class Holders {

    /** Whose a socket is. */
    enum Holder {
        /** There is none. */
        NOBODY,
        /** A process of this program has it open. */
        OURS,
        /** There is a process of this program, but this user may not see what it has open. */
        UNKNOWN,
        /** No process of this program that can be seen has it open. */
        OTHERS
    }

    /** Names of the main class, without and with its module. */
    static final Set<String> MAIN =
            Set.of("dev.socketforwarder.runtime.Main", "dev.socketforwarder.runtime/dev.socketforwarder.runtime.Main");

    private final Path processes;
    private final long self;

    /** Look at the processes of the running kernel. */
    Holders() {
        this(Path.of("/proc"), ProcessHandle.current().pid());
    }

    /** Look at processes as the kernel shows them in a folder; {@code self} is one of this program. */
    Holders(Path processes, long self) {
        this.processes = processes;
        this.self = self;
    }

    /** {@return whose the sockets with these inodes are, which are several where they share a port; ours if one is} */
    Holder of(Set<String> inodes) throws IOException {
        if (inodes.isEmpty()) {
            return Holder.NOBODY;
        }
        boolean isHidden = false;
        for (var process : ours()) {
            try {
                if (hasOpen(process, inodes)) {
                    return Holder.OURS;
                }
            } catch (IOException | DirectoryIteratorException _) {
                isHidden |= Files.exists(process); // else it has just ended
            }
        }
        return isHidden ? Holder.UNKNOWN : Holder.OTHERS;
    }

    private List<Path> ours() throws IOException {
        var found = new ArrayList<Path>();
        try (var all = Files.newDirectoryStream(processes, "[0-9]*")) {
            for (var process : all) {
                if (process.endsWith(Long.toString(self)) || isOurs(process)) {
                    found.add(process);
                }
            }
        }
        return found;
    }

    private static boolean isOurs(Path process) {
        try {
            // In a locale of its own: each byte stands for itself.
            var command = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(command.split("\0")).stream().anyMatch(MAIN::contains);
        } catch (IOException _) {
            return false; // it has just ended, or is another user's
        }
    }

    private static boolean hasOpen(Path process, Set<String> inodes) throws IOException {
        try (var files = Files.newDirectoryStream(process.resolve("fd"))) {
            for (var file : files) {
                if (inodes.contains(target(file).replaceFirst("^socket:\\[(.*)\\]$", "$1"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String target(Path file) {
        try {
            return Files.readSymbolicLink(file).toString();
        } catch (IOException _) {
            return ""; // closed meanwhile
        }
    }
}
