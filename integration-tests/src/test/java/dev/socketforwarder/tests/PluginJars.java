package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Pattern;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes JARs of plugins from sources, with only the API of the platform-independent archive. */
final class PluginJars {
    private static final Pattern NAME =
            Pattern.compile("(?:class|interface|record|enum) (\\w+)|module ([\\w.]+)", Pattern.DOTALL);
    private static final Pattern PACKAGE = Pattern.compile("package ([\\w.]+);");

    private final Path work;
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final Map<String, String> resources = new LinkedHashMap<>();
    private final List<Path> libraries = new ArrayList<>();
    private final List<String> options = new ArrayList<>();
    private boolean usesApi = true;

    private PluginJars(Path work) {
        this.work = work;
    }

    /** Make a JAR, with {@code work} as the folder for intermediate files. */
    static PluginJars in(Path work) {
        return new PluginJars(work);
    }

    PluginJars source(String text) {
        var in = PACKAGE.matcher(text);
        var name = NAME.matcher(text);
        assertThat(name.find()).isTrue();
        sources.put(
                name.group(1) == null
                        ? "module-info"
                        : (in.find() ? in.group(1).replace('.', '/') + "/" : "") + name.group(1),
                text);
        return this;
    }

    PluginJars resource(String path, String text) {
        resources.put(path, text);
        return this;
    }

    PluginJars library(Path jar) {
        libraries.add(jar);
        return this;
    }

    /** Compile against the libraries only. */
    PluginJars withoutApi() {
        usesApi = false;
        return this;
    }

    /** Give the compiler an option. */
    PluginJars option(String name, String value) {
        options.add(name);
        options.add(value);
        return this;
    }

    /** {@return the JAR of the API} */
    static Path api() {
        var lib = Path.of(System.getProperty("socketforwarder.archives"), "work", "any", "lib");
        try (var found = Files.newDirectoryStream(lib, "forwarder-api-*.jar")) {
            return found.iterator().next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Compile, and write the JAR.
     *
     * @return its path
     */
    Path to(Path jar) {
        try {
            var classes = Files.createTempDirectory(work, "classes");
            compile(classes);
            Files.createDirectories(jar.getParent());
            pack(classes, jar);
            return jar;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void compile(Path classes) {
        var files = new ArrayList<JavaFileObject>();
        sources.forEach((name, text) -> files.add(
                new SimpleJavaFileObject(URI.create("string:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return text;
                    }
                }));
        var path = new ArrayList<>(libraries);
        if (usesApi) {
            path.add(api());
        }
        var joined = String.join(":", path.stream().map(Path::toString).toList());
        var arguments = new ArrayList<>(options);
        arguments.addAll(List.of(
                "-d",
                classes.toString(),
                sources.containsKey("module-info") ? "--module-path" : "--class-path",
                joined));
        var said = new StringWriter();
        var task = ToolProvider.getSystemJavaCompiler().getTask(said, null, null, arguments, null, files);
        assertThat(task.call()).as(said.toString()).isTrue();
    }

    private void pack(Path classes, Path jar) throws IOException {
        try (var out = new JarOutputStream(Files.newOutputStream(jar));
                var all = Files.walk(classes)) {
            for (var file : all.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                out.write(Files.readAllBytes(file));
            }
            for (var resource : resources.entrySet()) {
                out.putNextEntry(new JarEntry(resource.getKey()));
                out.write(resource.getValue().getBytes(StandardCharsets.UTF_8));
            }
        }
    }
}
