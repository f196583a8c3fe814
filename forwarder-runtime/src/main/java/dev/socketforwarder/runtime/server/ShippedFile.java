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

/** The configuration file that the image brings along, which is read where nobody says anything else. */
public final class ShippedFile {
    private static final Path NAME = Path.of("conf", "socketforwarder.yaml");

    private ShippedFile() {}

    /**
     * {@return the file, if it is to be read}
     *
     * @param home the folder of the image; empty: unknown
     * @param isConfigured whether the command line says anything
     * @param environment all variables
     */
    public static Optional<Path> find(String home, boolean isConfigured, Map<String, String> environment) {
        return Optional.of(Path.of(home).resolve(NAME))
                .filter(file ->
                        !home.isEmpty() && !isConfigured && !Environment.isUsed(environment) && Files.exists(file));
    }

    /** {@return what to say of it: which it is, and how to try what it runs} */
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
        return said + "; to try it, run this in two terminals and type: (echo " + prefix + "demo; cat) | nc " + host
                + " " + port.get().values().getFirst();
    }

    private static String first(Configuration configuration, String key, String fallback) {
        return configuration
                .inForce(key)
                .map(InForce::values)
                .orElse(List.of(fallback))
                .getFirst();
    }
}
