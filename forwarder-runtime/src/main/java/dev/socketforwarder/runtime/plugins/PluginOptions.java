package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.api.Settings;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The settings under {@code plugins:}.
 *
 * @param paths {@code path}: folders with plugins; relative ones are below the image's folder
 * @param enabled {@code enabled}: the names of the plugins to load; {@link #ALL} stands for every plugin
 * @param onError {@code on-error}: how the start reacts to a broken plugin
 * @param sha256 {@code sha256}: the hashes that a JAR may have, in lower case; empty allows any
 * @param reload {@code reload}: whether to look for changed JARs while running
 * @param settings the section itself, for messages
 */
public record PluginOptions(
        List<Path> paths,
        List<String> enabled,
        OnError onError,
        Set<String> sha256,
        boolean reload,
        Settings settings) {

    /** How the start reacts to a broken plugin. */
    public enum OnError {
        /** The start fails. */
        FAIL,
        /** The plugin is left out. */
        SKIP
    }

    static final String ALL = "*";
    public static final String SHA256 = "sha256";

    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");
    private static final String FOLDER = "plugins";
    private static final String SHIPPED = "lib/plugins";
    public static final String HOME = "socketforwarder.home"; // set by the launcher

    public static PluginOptions read(Settings settings) {
        boolean isImage = !System.getProperty(HOME, "").isEmpty();
        var paths = settings.list("path", isImage ? List.of(FOLDER) : List.of());
        return new PluginOptions(
                paths.stream().map(path -> path(settings, path)).toList(),
                settings.list("enabled", List.of(ALL)),
                settings.choice("on-error", OnError.FAIL),
                settings.list(SHA256, List.of()).stream()
                        .map(hash -> hash(settings, hash))
                        .collect(Collectors.toUnmodifiableSet()),
                settings.flag("reload", false),
                settings);
    }

    private static Path path(Settings settings, String text) {
        try {
            return Path.of(System.getProperty(HOME, "")).resolve(text);
        } catch (InvalidPathException _) {
            throw settings.invalid("path", text, "the path of a folder");
        }
    }

    private static String hash(Settings settings, String text) {
        var hash = text.strip().toLowerCase(Locale.ROOT);
        if (!HASH.matcher(hash).matches()) {
            throw settings.invalid(SHA256, text, "SHA-256 hashes of JARs, 64 hexadecimal digits each");
        }
        return hash;
    }

    /** {@return the same options, except that broken plugins are left out} */
    public PluginOptions skipping() {
        return new PluginOptions(paths, enabled, OnError.SKIP, sha256, reload, settings);
    }

    /** {@return the folder of the plugins that are a part of the image; empty if the program runs from its classes, as in tests} */
    Optional<Path> shipped() {
        var home = System.getProperty(HOME, "");
        return home.isEmpty() ? Optional.empty() : Optional.of(Path.of(home, SHIPPED));
    }

    /** {@return these options for a plugin that is a part of the image, which can change no more than the rest of the image} */
    PluginOptions forShipped() {
        return new PluginOptions(paths, enabled, onError, Set.of(), false, settings);
    }

    /** {@return whether to load the plugin with this name} */
    boolean isEnabled(String name) {
        return enabled.contains(ALL) || enabled.contains(name);
    }

    /** {@return whether the configuration sets the path} */
    boolean isPathSet() {
        return !paths.equals(List.of(Path.of(System.getProperty(HOME, ""), FOLDER)));
    }

    /** {@return whether to load copies of the JARs, which cannot change after they were checked} */
    boolean copies() {
        return reload || !sha256.isEmpty();
    }
}
