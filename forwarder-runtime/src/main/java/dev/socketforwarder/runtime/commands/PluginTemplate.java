package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * Writes a new plugin: a copy of a template in the image, under a new name. The new name replaces the template's name in the
 * artifact, the package and the module, and in the names of the transport and the policy.
 *
 * @param source the folder of the template
 * @param kind which template is there
 */
record PluginTemplate(Path source, Kind kind) {

    /** The templates. Their names stand nowhere except where the name of a plugin belongs. */
    enum Kind {
        /** A transport whose connections the runtime serves. */
        STREAMS("plugin-template", "localsocket"),
        /** A transport with members of its own. */
        MEMBER("member-template", "datagrampeers");

        private final String folder;
        private final String itsName;

        Kind(String folder, String itsName) {
            this.folder = folder;
            this.itsName = itsName;
        }
    }

    private static final String PACKAGE = "com.example.";

    // Without its dashes, a name may become a keyword of Java, which cannot name a package.
    private static final Set<String> KEYWORDS = Set.of(
            "abstract",
            "assert",
            "boolean",
            "break",
            "byte",
            "case",
            "catch",
            "char",
            "class",
            "const",
            "continue",
            "default",
            "do",
            "double",
            "else",
            "enum",
            "extends",
            "false",
            "final",
            "finally",
            "float",
            "for",
            "goto",
            "if",
            "implements",
            "import",
            "instanceof",
            "int",
            "interface",
            "long",
            "native",
            "new",
            "null",
            "package",
            "private",
            "protected",
            "public",
            "return",
            "short",
            "static",
            "strictfp",
            "super",
            "switch",
            "synchronized",
            "this",
            "throw",
            "throws",
            "transient",
            "true",
            "try",
            "void",
            "volatile",
            "while");

    /**
     * {@return a template of the image}
     *
     * @throws UsageException if the program does not run from an image
     */
    static PluginTemplate ofImage(Kind kind) {
        var home = System.getProperty("socketforwarder.home", "");
        var folder = Path.of(home, "examples", kind.folder);
        if (home.isEmpty() || !Files.isDirectory(folder)) {
            throw new UsageException("there is no template here; run bin/socketforwarder of an unpacked archive");
        }
        return new PluginTemplate(folder, kind);
    }

    /**
     * Write a plugin into a new folder.
     *
     * @param name the name of the plugin and of the folder
     * @param parent the folder in which the new folder is made
     * @param installed the installed plugins, whose names are taken
     * @throws UsageException if the name is not allowed, or the folder exists already
     */
    int write(String name, Path parent, Plugins installed, PrintStream out) {
        requireName(name, installed);
        var target = parent.resolve(name);
        try {
            Files.createDirectory(target);
            try (var files = Files.walk(source)) {
                for (var file : files.filter(Files::isRegularFile).toList()) {
                    copy(file, target, name);
                }
            }
        } catch (FileAlreadyExistsException _) {
            throw new UsageException(name + " exists already; choose another name, or remove the folder");
        } catch (IOException e) {
            throw new PluginException("the plugin " + name + " cannot be written: " + e, e);
        }
        out.println(name + ": a new plugin; docs/PLUGINS.md describes the next steps");
        return ExitCode.OK;
    }

    private static void requireName(String name, Plugins installed) {
        var quoted = Printable.quoted(name);
        if (!Keys.isWord(name) || Keys.isTopLevel(name) || !Character.isLetter(name.charAt(0))) {
            throw new UsageException(quoted + " is not a plugin name; use lower-case letters and digits, with dashes"
                    + " between them, and begin with a letter");
        }
        if (KEYWORDS.contains(packageName(name))) {
            throw new UsageException(quoted + " is not a plugin name, since it is a keyword of Java; choose another");
        }
        if (installed.transports().containsKey(name) || installed.policies().containsKey(name)) {
            throw new UsageException(quoted + " is the name of an installed plugin; choose another");
        }
    }

    private static String packageName(String name) {
        return name.replace("-", "");
    }

    private void copy(Path file, Path target, String name) throws IOException {
        var place = source.relativize(file).toString().replace(kind.itsName, packageName(name));
        var text = Files.readString(file)
                .replace(PACKAGE + kind.itsName, PACKAGE + packageName(name))
                .replace(kind.itsName, name);
        var copy = target.resolve(place);
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, text);
    }
}
