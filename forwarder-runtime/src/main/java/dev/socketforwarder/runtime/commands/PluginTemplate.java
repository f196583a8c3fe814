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
 * Writes a new plugin: the template that the image brings along, under another name. The name takes the place of the
 * template's own in its artifact, its package, its module, and in the names of its transport and its policy.
 *
 * @param source the template's folder
 */
record PluginTemplate(Path source) {
    private static final String ITS_NAME = "localsocket";
    private static final String ITS_PACKAGE = "com.example." + ITS_NAME;

    // Where a dash was cut out, a name may have become one of these, and then it is no package's.
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
     * {@return the template of the image}
     *
     * @throws UsageException if the program does not run from an image
     */
    static PluginTemplate ofImage() {
        var home = System.getProperty("socketforwarder.home", "");
        var folder = Path.of(home, "examples", "plugin-template");
        if (home.isEmpty() || !Files.isDirectory(folder)) {
            throw new UsageException("there is no template here; start bin/socketforwarder of an unpacked archive");
        }
        return new PluginTemplate(folder);
    }

    /**
     * Write a plugin into a new folder.
     *
     * @param name the plugin's, and the folder's
     * @param parent where the folder is made
     * @param installed names of plugins that are taken
     * @throws UsageException if the name cannot be one, or the folder is there already
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
            throw new UsageException(name + " is there already; take another name, or remove it");
        } catch (IOException e) {
            throw new PluginException("the plugin " + name + " cannot be written: " + e, e);
        }
        out.println(name + ": a new plugin; docs/PLUGINS.md tells how to go on");
        return ExitCode.OK;
    }

    private static void requireName(String name, Plugins installed) {
        var quoted = Printable.quoted(name);
        if (!Keys.isWord(name) || Keys.isTopLevel(name) || !Character.isLetter(name.charAt(0))) {
            throw new UsageException(
                    quoted + " is no name for a plugin; take lower-case letters and digits, with dashes"
                            + " between, that begin with a letter");
        }
        if (KEYWORDS.contains(packageName(name))) {
            throw new UsageException(quoted + " is no name for a plugin: Java has a word like it; take another");
        }
        if (installed.transports().containsKey(name) || installed.policies().containsKey(name)) {
            throw new UsageException(quoted + " is the name of a plugin that is installed; take another");
        }
    }

    private static String packageName(String name) {
        return name.replace("-", "");
    }

    private void copy(Path file, Path target, String name) throws IOException {
        var place = source.relativize(file).toString().replace(ITS_NAME, packageName(name));
        var text = Files.readString(file)
                .replace(ITS_PACKAGE, "com.example." + packageName(name))
                .replace(ITS_NAME, name);
        var copy = target.resolve(place);
        Files.createDirectories(copy.getParent());
        Files.writeString(copy, text);
    }
}
