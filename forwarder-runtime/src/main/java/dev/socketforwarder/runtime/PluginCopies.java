package dev.socketforwarder.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/**
 * Copies of a plugin's JARs in a folder of this process alone: each is read once, hashed, and loaded from there, so that
 * what was looked at is what runs, whatever happens to the original.
 *
 * @param folder what they stand in
 * @param jars the copies, in the order of the JARs
 */
record PluginCopies(Path folder, List<Path> jars) {
    private static ProcessFolder ofProcess; // guarded by the class

    /** {@return the folder of all that this process has copied} */
    static synchronized Path all() throws IOException {
        // Somebody who tidies up may have removed it.
        if (ofProcess == null || !Files.isDirectory(ofProcess.path())) {
            ofProcess = ProcessFolder.in(Path.of(System.getProperty("java.io.tmpdir")));
        }
        return ofProcess.path();
    }

    /**
     * Copy, and check.
     *
     * @param allowed the hashes that a JAR may have; empty: any
     * @return the copies, which go with the process if nobody removes them before
     * @throws PluginException if one cannot be read, or is not allowed
     */
    static PluginCopies of(PluginSource source, Set<String> allowed) {
        try {
            var made = new PluginCopies(Files.createTempDirectory(all(), ""), new ArrayList<>());
            try {
                for (var jar : source.jars()) {
                    var bytes = Files.readAllBytes(jar);
                    check(source, jar, bytes, allowed);
                    made.jars.add(Files.write(made.folder.resolve(jar.getFileName()), bytes));
                }
            } catch (IOException | PluginException e) {
                made.remove();
                throw e;
            }
            return made;
        } catch (IOException e) {
            throw source.problem("it cannot be copied: " + Printable.line(e.toString()));
        }
    }

    /** Remove them. */
    void remove() {
        ProcessFolder.remove(folder);
    }

    private static void check(PluginSource source, Path jar, byte[] bytes, Set<String> allowed) {
        var hash = hash(bytes);
        if (!allowed.isEmpty() && !allowed.contains(hash)) {
            throw source.problem(Printable.line(jar.getFileName().toString()) + " is refused, since its SHA-256, "
                    + hash + ", is not in plugins.sha256; add it if you trust this JAR");
        }
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
