package dev.socketforwarder.runtime;

import java.lang.module.FindException;
import java.util.Locale;
import java.util.ServiceConfigurationError;
import java.util.regex.Pattern;

/** What is wrong with a plugin, and what to do about it, in words for one line. */
final class PluginFaults {
    private static final Pattern MISSING = Pattern.compile("Module ([\\w.]+) not found.*");
    private static final int DEEPEST_CAUSE = 10;

    private PluginFaults() {}

    /** {@return why its modules do not fit each other, or the server's} */
    static String ofModules(RuntimeException e) {
        var said = Printable.line(String.valueOf(e.getMessage()));
        var missing = MISSING.matcher(said);
        if (missing.matches()) {
            return said + "; put the JAR of " + missing.group(1) + " into the plugin's folder"
                    + (missing.group(1).matches("(java|jdk)\\..*")
                            ? " if there is one: this image lacks that part of the JDK"
                            : "");
        }
        if (said.toLowerCase(Locale.ROOT).contains("package")) {
            return said + "; a package may be in one module alone: remove one of the JARs";
        }
        return said;
    }

    /** {@return why a JAR cannot be read} */
    static String ofJar(String jar, FindException e) {
        var root = root(e);
        var said = Printable.line(String.valueOf(root.getMessage()));
        if (said.contains("major.minor")) {
            return jar + " was compiled for a newer Java than this one, "
                    + Runtime.version().feature();
        }
        return root == e
                ? jar + " has no name that a module can have (" + said + "); rename it"
                : jar + " is no JAR that can be read: " + said + "; copy it again";
    }

    /** {@return why its code does not run} */
    static String ofCode(Throwable thrown) {
        var root = thrown instanceof ServiceConfigurationError && thrown.getCause() != null ? root(thrown) : thrown;
        var said = Printable.line(root.toString());
        return switch (root) {
            case UnsupportedClassVersionError _ ->
                "it was compiled for a newer Java than this one, "
                        + Runtime.version().feature() + ": " + said;
            case ClassNotFoundException _, NoClassDefFoundError _ ->
                "a class is missing, put the JAR that has it into the plugin's folder: " + said;
            case IncompatibleClassChangeError _ ->
                "it does not fit the API of this server or a library beside it, get one that was built for them: "
                        + said;
            default -> said;
        };
    }

    private static Throwable root(Throwable thrown) {
        var root = thrown;
        for (int depth = 0; root.getCause() != null && depth < DEEPEST_CAUSE; depth++) {
            root = root.getCause();
        }
        return root;
    }
}
