package dev.socketforwarder.runtime.config;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names the sources of the configuration, and reads them.
 *
 * @param files at most one configuration file
 * @param environment all variables
 * @param overrides the settings of the command line, the strongest last
 * @param isShipped whether the file is the image's own, which is read if nothing else configures the process
 */
public record Inputs(List<Path> files, Map<String, String> environment, List<Setting> overrides, boolean isShipped) {

    /** A port by its position on the command line, as in the original program. Nothing else in the runtime names transports. */
    public record Port(String label, String key) {}

    public static final List<Port> PORTS =
            List.of(new Port("TCP_PORT", "transports.tcp.port"), new Port("UDP_PORT", "transports.udp.port"));

    /**
     * The merged sources.
     *
     * @param warnings one line for each variable of the environment that is odd
     */
    public record Loaded(Sources sources, List<String> warnings) {}

    public Inputs(List<Path> files, Map<String, String> environment, List<Setting> overrides) {
        this(files, environment, overrides, false);
    }

    public Inputs {
        files = List.copyOf(files);
        overrides = List.copyOf(overrides);
    }

    /**
     * Make an override of {@code --set KEY=VALUE}.
     *
     * @throws SettingException if the text has another form
     */
    public static Setting override(String assignment) {
        int equals = assignment.indexOf('=');
        var key = assignment.substring(0, Math.max(0, equals));
        var wellFormed = !key.isEmpty();
        for (var word : key.split("\\.", -1)) {
            wellFormed &= Keys.isWord(word);
        }
        if (!wellFormed) {
            // The text may be a secret, except for its key.
            var right = UnknownKeys.wellFormed(key);
            throw new SettingException((equals < 0 ? "--set" : "--set " + Printable.quoted(key + "=..."))
                    + " is not KEY=VALUE, as in --set transports.tcp.port=6753"
                    + (equals < 0
                            ? ""
                            : right.map(each -> "; write --set " + each + "=...")
                                    .orElse("")));
        }
        return Setting.text(key, assignment.substring(equals + 1), Origin.commandLine("--set"));
    }

    /**
     * Read all sources.
     *
     * @param types the installed types of transports
     * @throws SettingException if the file is not a configuration
     */
    public Loaded load(Set<String> types) {
        return load(read(), types);
    }

    /**
     * Read the file. It is read once, even if the other sources are merged again, since it may be a pipe or may change.
     *
     * @throws SettingException if the file is not a configuration
     */
    public List<Setting> read() {
        var fromFile = new ArrayList<Setting>();
        for (var file : files) {
            fromFile.addAll(YamlFile.read(file).values());
        }
        return fromFile;
    }

    /**
     * Merge what was read with all other sources.
     *
     * @param types the installed types of transports
     */
    public Loaded load(List<Setting> fromFile, Set<String> types) {
        return merge(fromFile, environment, overrides, types);
    }

    public static Loaded merge(
            List<Setting> fromFile, Map<String, String> variables, List<Setting> overrides, Set<String> types) {
        var configured = new LinkedHashSet<String>();
        fromFile.forEach(setting -> addEndpoint(setting, configured));
        overrides.forEach(setting -> addEndpoint(setting, configured));
        var fromEnvironment = new Environment(variables, types, configured);
        var all = new ArrayList<>(fromFile);
        all.addAll(fromEnvironment.settings());
        all.addAll(overrides);
        return new Loaded(new Sources(all), fromEnvironment.warnings());
    }

    private static void addEndpoint(Setting setting, Set<String> names) {
        var words = setting.key().split("\\.");
        if (words.length > 1 && words[0].equals(Keys.TRANSPORTS)) {
            names.add(words[1]);
        }
    }
}
