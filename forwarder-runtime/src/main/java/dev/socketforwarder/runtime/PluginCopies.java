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
 */
final class PluginCopies {
    private PluginCopies() {}

    /**
     * Copy, and check.
     *
     * @param allowed the hashes that a JAR may have; empty: any
     * @return the copies, in the order of the JARs; removed with the process
     * @throws PluginException if one cannot be read, or is not allowed
     */
    static List<Path> of(PluginSource source, Set<String> allowed) {
        try {
            var folder = Files.createTempDirectory("socketforwarder-plugin-"); // for its owner alone
            folder.toFile().deleteOnExit();
            var copies = new ArrayList<Path>();
            for (var jar : source.jars()) {
                var bytes = Files.readAllBytes(jar);
                check(source, jar, bytes, allowed);
                var copy = folder.resolve(jar.getFileName());
                copy.toFile().deleteOnExit();
                copies.add(Files.write(copy, bytes));
            }
            return copies;
        } catch (IOException e) {
            throw source.problem("it cannot be copied: " + Printable.line(e.toString()));
        }
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
