package dev.socketforwarder.runtime.server;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Configuration.InForce;
import dev.socketforwarder.runtime.config.Environment;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    /** {@return the notice that names the file and says how to try what it runs} */
    static String notice(Path file, Configuration configuration) {
        var said = "neither the command line nor the environment says what to run: the configuration is "
                + Printable.line(file.toString());
        var port = configuration.inForce(Inputs.PORTS.getFirst().key());
        if (port.isEmpty()) {
            return said;
        }
        var endpoint = port.get().key().substring(0, port.get().key().lastIndexOf('.') + 1);
        var prefix = first(configuration, endpoint + "new-client-prefix", PrefixHandshake.DEFAULT_PREFIX);
        var host = first(configuration, endpoint + "host-address", "0.0.0.0").replace("0.0.0.0", "127.0.0.1");
        return said + "; to try it, run this in two terminals, and type lines into them: (echo " + prefix
                + "demo; cat) | nc " + host + " " + port.get().values().getFirst();
    }

    private static String first(Configuration configuration, String key, String fallback) {
        return configuration
                .inForce(key)
                .map(InForce::values)
                .orElse(List.of(fallback))
                .getFirst();
    }
}
