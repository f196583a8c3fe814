package dev.socketforwarder.runtime.commands;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Finds out whether sockets belong to this program, by the open files of its processes, as far as this user may see them. */
final class Holders {

    /** Says who holds a socket. */
    enum Holder {
        /** There is no such socket. */
        NOBODY,
        /** A process of this program has the socket open. */
        OURS,
        /** There is a process of this program, but this user may not see its open files. */
        UNKNOWN,
        /** No visible process of this program has the socket open. */
        OTHERS
    }

    /** The name of the main class, without and with its module. */
    static final Set<String> MAIN =
            Set.of("dev.socketforwarder.runtime.Main", "dev.socketforwarder.runtime/dev.socketforwarder.runtime.Main");

    private final Path processes;
    private final long self;

    /** Look at the processes of the running kernel. */
    Holders() {
        this(Path.of("/proc"), ProcessHandle.current().pid());
    }

    /** Look at the processes that a folder lists as {@code /proc} does; {@code self} is the id of a process of this program. */
    Holders(Path processes, long self) {
        this.processes = processes;
        this.self = self;
    }

    /** {@return who holds the sockets with these inodes, which share one address; {@link Holder#OURS} if any of them is ours} */
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
                isHidden |= Files.exists(process); // if it does not exist, the process has just ended
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
            // Read byte by byte, since the process may use any encoding.
            var command = Files.readString(process.resolve("cmdline"), StandardCharsets.ISO_8859_1);
            return List.of(command.split("\0")).stream().anyMatch(MAIN::contains);
        } catch (IOException _) {
            return false; // the process has just ended, or belongs to another user
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
            return ""; // the file was closed in the meantime
        }
    }
}
