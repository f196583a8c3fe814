package dev.socketforwarder.runtime.control;

import dev.socketforwarder.runtime.control.ControlSocket.Found;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Says where control sockets are: at the path that the setting {@code control-socket} names; otherwise in {@code
 * $RUNTIME_DIRECTORY}, which systemd sets, or in the folder {@code run} of the image.
 *
 * @param configured the value of the setting; empty if it is not set
 * @param home the folder of the image; empty if there is none
 */
public record ControlPath(String configured, String home, Map<String, String> environment) {
    /** The value of the setting that asks for no control socket. */
    public static final String OFF = "off";

    private static final String NAME = "socketforwarder";
    private static final String SUFFIX = ".sock";
    private static final Path OF_SERVICE = Path.of("/run/socketforwarder");

    /** {@return whether there is to be no control socket} */
    public boolean isOff() {
        return configured.equals(OFF);
    }

    /** {@return the folder in which a process puts its socket; empty if it has no place for one} */
    List<Path> foldersOfServer() {
        var given =
                environment.getOrDefault("RUNTIME_DIRECTORY", "").replaceFirst(":.*", ""); // systemd may name several
        if (given.startsWith("/")) { // a command may run in another folder than the process
            return List.of(Path.of(given));
        }
        return home.isEmpty() ? List.of() : List.of(Path.of(home, "run"));
    }

    /** Delete the sockets of processes that were killed, as far as this user may. */
    static void clean(Path folder) throws IOException {
        for (var path : socketsIn(folder)) {
            if (ControlSocket.at(path) == Found.STALE) {
                try {
                    Files.deleteIfExists(path);
                } catch (AccessDeniedException _) {
                    // Another user's.
                }
            }
        }
    }

    private static List<Path> socketsIn(Path folder) throws IOException {
        var found = new ArrayList<Path>();
        try (var files = Files.newDirectoryStream(folder, NAME + "*" + SUFFIX)) {
            files.forEach(found::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    /** {@return the path that a process uses first in a folder} */
    static Path first(Path folder) {
        return folder.resolve(NAME + SUFFIX);
    }

    /** {@return the path that a process uses in a folder where another has the first} */
    static Path further(Path folder, long pid) {
        return folder.resolve(NAME + "-" + pid + SUFFIX);
    }

    /** {@return the sockets that a command may try, the likeliest first} */
    List<Path> existing() throws IOException {
        if (!configured.isEmpty()) {
            return Files.exists(Path.of(configured)) ? List.of(Path.of(configured)) : List.of();
        }
        var found = new ArrayList<Path>();
        for (var folder : foldersOfCommands()) {
            if (Files.isDirectory(folder)) {
                found.addAll(socketsIn(folder));
            }
        }
        return found;
    }

    /** {@return where a command looks for sockets, in words} */
    String places() {
        return configured.isEmpty()
                ? String.join(
                        " and ",
                        foldersOfCommands().stream().map(Path::toString).toList())
                : configured;
    }

    private Set<Path> foldersOfCommands() {
        var folders = new LinkedHashSet<>(foldersOfServer());
        if (!home.isEmpty()) {
            folders.add(Path.of(home, "run"));
        }
        folders.add(OF_SERVICE); // of a service, whose environment a shell does not have
        return folders;
    }
}
