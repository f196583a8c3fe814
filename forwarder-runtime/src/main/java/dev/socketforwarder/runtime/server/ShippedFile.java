package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.config.Environment;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Finds the configuration file of the image, which is read if nothing else configures the process. */
public final class ShippedFile {
    private static final Path NAME = Path.of("conf", "socketforwarder.yaml");

    private ShippedFile() {}

    /**
     * {@return the file; empty if it is not to be read}
     *
     * @param home the folder of the image; empty if unknown
     * @param isConfigured whether the command line configures anything
     * @param environment all variables
     */
    public static Optional<Path> find(String home, boolean isConfigured, Map<String, String> environment) {
        return Optional.of(Path.of(home).resolve(NAME))
                .filter(file ->
                        !home.isEmpty() && !isConfigured && !Environment.isUsed(environment) && Files.exists(file));
    }

    /** {@return the notice that names the file} */
    static String notice(Path file) {
        return "neither the command line nor the environment says what to run: the configuration is "
                + Printable.line(file.toString());
    }
}
