package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.process.SmallFile;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Copies of a plugin's JARs in a folder that only this process uses. Each JAR is read once, and its copy is hashed and
 * loaded. So the code that was checked is the code that runs, even if the JAR changes.
 *
 * @param folder the folder of the copies
 * @param jars the copies, in the order of the JARs
 */
public record PluginCopies(Path folder, List<Path> jars) {
    private static final long LARGEST = 1L << 30;

    private static ProcessFolder ofProcess; // guarded by the class

    /** {@return the folder that holds all copies of this process} */
    public static synchronized Path all() throws IOException {
        // A clean-up of temporary files may have removed it.
        if (ofProcess == null || !Files.isDirectory(ofProcess.path())) {
            ofProcess = ProcessFolder.in(Path.of(System.getProperty("java.io.tmpdir")));
        }
        return ofProcess.path();
    }

    /**
     * Copy the JARs and check them.
     *
     * @param allowed the hashes that a JAR may have; empty allows any
     * @return the copies, which are removed when the process ends at the latest
     * @throws PluginException if a JAR cannot be read, or is not allowed
     */
    static PluginCopies of(PluginSource source, Set<String> allowed) {
        try {
            var made = new PluginCopies(Files.createTempDirectory(all(), ""), new ArrayList<>());
            try {
                for (var jar : source.jars()) {
                    var copy = made.folder.resolve(jar.getFileName());
                    SmallFile.copy(jar, copy, LARGEST);
                    check(source, copy, allowed);
                    made.jars.add(copy);
                }
            } catch (IOException | PluginException e) {
                made.remove();
                throw e;
            }
            return made;
        } catch (IOException e) {
            throw source.problem("it cannot be copied: " + Printable.line(String.valueOf(e.getMessage())));
        }
    }

    /** Remove the copies. */
    void remove() {
        ProcessFolder.remove(folder);
    }

    private static void check(PluginSource source, Path jar, Set<String> allowed) throws IOException {
        var hash = hash(jar);
        if (!allowed.isEmpty() && !allowed.contains(hash)) {
            throw source.problem(Printable.line(jar.getFileName().toString()) + " is refused, since its SHA-256, "
                    + hash + ", is not in plugins.sha256; add it if you trust this JAR");
        }
    }

    private static String hash(Path jar) throws IOException {
        try (var in = new DigestInputStream(Files.newInputStream(jar), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has SHA-256
        }
    }
}
