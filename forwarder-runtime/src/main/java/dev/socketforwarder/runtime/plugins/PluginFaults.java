package dev.socketforwarder.runtime.plugins;

import dev.socketforwarder.runtime.text.Printable;
import java.lang.module.FindException;
import java.lang.module.InvalidModuleDescriptorException;
import java.lang.module.ResolutionException;
import java.util.ServiceConfigurationError;
import java.util.regex.Pattern;

/** Explains in one line what is wrong with a plugin and what to do about it. */
public final class PluginFaults {
    private static final Pattern JDK = Pattern.compile("(java|jdk)\\..*");
    private static final int DEEPEST_CAUSE = 10;

    private PluginFaults() {}

    /** {@return the message for a missing module that a module of the plugin requires} */
    static String ofMissing(String module, String by) {
        return "module " + module + ", which " + by + " requires, is missing; put its JAR into the plugin's folder"
                + (JDK.matcher(module).matches() ? " if there is one: this image lacks that part of the JDK" : "");
    }

    /** {@return why the plugin's modules do not fit the server's, although they fit each other} */
    static String ofModules(RuntimeException e) {
        var said = Printable.line(String.valueOf(e.getMessage()));
        return e instanceof ResolutionException
                ? said + "; the server or its Java has that already: leave it out of the plugin"
                : said;
    }

    /** {@return why a JAR cannot be read} */
    static String ofJar(String jar, FindException e) {
        var root = root(e);
        var said = Printable.line(String.valueOf(root.getMessage()));
        return switch (root) {
            // The JDK has no separate exception types for these two cases.
            case InvalidModuleDescriptorException _
            when said.contains("major.minor") ->
                jar + " was compiled for a newer Java than this one, "
                        + Runtime.version().feature();
            case InvalidModuleDescriptorException _ -> jar + " cannot be a module: " + said + "; build it again";
            case IllegalArgumentException _, FindException _ ->
                jar + " has no valid module name (" + said + "); rename it, or correct its manifest";
            default -> jar + " is not a readable JAR: " + said + "; copy it again";
        };
    }

    /** {@return why the plugin's code does not run} */
    public static String ofCode(Throwable thrown) {
        var root = thrown instanceof ServiceConfigurationError && thrown.getCause() != null ? root(thrown) : thrown;
        var said = Printable.line(root.toString());
        return switch (root) {
            case UnsupportedClassVersionError _ ->
                "it was compiled for a newer Java than this one, "
                        + Runtime.version().feature() + ": " + said;
            case ClassNotFoundException _, NoClassDefFoundError _ ->
                "a class is missing (" + said + "); put the JAR that has it into the plugin's folder";
            case IncompatibleClassChangeError _ ->
                "it does not fit the API of this server or a library beside it (" + said
                        + "); get a version that was built for them";
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
