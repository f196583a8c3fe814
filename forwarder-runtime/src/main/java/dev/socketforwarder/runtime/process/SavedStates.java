package dev.socketforwarder.runtime.process;

import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps what each endpoint leaves at its stop for the next endpoint of its name: in memory for an endpoint that is started again,
 * and in a file for the next process. Only this user may read the files. A failure is logged, and costs the state alone.
 * Thread-safe.
 */
public final class SavedStates {
    private static final Logger LOG = System.getLogger(SavedStates.class.getName());

    private static final int LARGEST = 16 << 20;
    private static final String SUFFIX = ".state";
    private static final FileAttribute<Set<PosixFilePermission>> OWN_FILE = only("rw-------");
    private static final FileAttribute<Set<PosixFilePermission>> OWN_FOLDER = only("rwx------");

    private final Optional<Path> folder;
    private final Map<String, byte[]> states = new ConcurrentHashMap<>();
    private final Set<String> told = ConcurrentHashMap.newKeySet();

    /**
     * Make an empty store.
     *
     * @param folder where the files are; empty: there are none
     */
    public SavedStates(Optional<Path> folder) {
        this.folder = folder;
    }

    /**
     * {@return the folder that the setting {@code state-directory} names, or else {@code $STATE_DIRECTORY}, which systemd sets; empty
     * if there is neither}
     */
    public static Optional<Path> folder(String configured, Map<String, String> environment) {
        // systemd may name several.
        var named = configured.isEmpty()
                ? environment.getOrDefault("STATE_DIRECTORY", "").split(":")[0]
                : configured;
        return named.isEmpty() ? Optional.empty() : Optional.of(Path.of(named));
    }

    private static FileAttribute<Set<PosixFilePermission>> only(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    /** Keep the state of an endpoint; an empty one means that there is nothing to keep. */
    public void save(String endpoint, byte[] state) {
        if (state.length > LARGEST) {
            LOG.log(Level.WARNING, "the state of {0} is larger than {1} bytes, and is lost", endpoint, LARGEST);
            return;
        }
        if (state.length == 0) {
            states.remove(endpoint);
            return;
        }
        states.put(endpoint, state.clone());
        if (folder.isPresent()) {
            try {
                write(folder.get(), endpoint + SUFFIX, state);
            } catch (IOException e) {
                failed(folder.get(), "keeps no state of " + endpoint, e);
            }
        }
    }

    /** Write the whole file or nothing. */
    private static void write(Path folder, String name, byte[] state) throws IOException {
        var written = Files.createTempFile(folder, name, ".new", OWN_FILE);
        try {
            Files.write(written, state);
            Files.move(written, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /** {@return the state that an endpoint of this name has left, only once; empty if there is none} */
    public Optional<byte[]> take(String endpoint) {
        var kept = Optional.ofNullable(states.remove(endpoint));
        if (folder.isEmpty()) {
            return kept;
        }
        try {
            Files.createDirectories(folder.get(), OWN_FOLDER);
            var found = read(folder.get().resolve(endpoint + SUFFIX));
            return kept.isPresent() ? kept : found;
        } catch (IOException e) {
            failed(folder.get(), "gives no state of " + endpoint, e);
            return kept;
        }
    }

    /** Read the file, and delete it, even if it cannot be read, so that a bad file does harm once. */
    private static Optional<byte[]> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(SmallFile.read(file, LARGEST));
        } finally {
            Files.deleteIfExists(file);
        }
    }

    /** Log a failure, at the first time as a warning: an endpoint may look for a state again and again. */
    private void failed(Path folder, String what, IOException e) {
        LOG.log(
                told.add(what) ? Level.WARNING : Level.DEBUG,
                "the state directory {0} {1}: {2}",
                Printable.line(folder.toString()),
                what,
                Printable.line(e.toString()));
    }
}
