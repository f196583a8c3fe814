package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.runtime.plugins.PluginNames;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Makes the plain JAR of a plugin from the source of {@link UnixTransport}, into which a test can insert statements. */
public final class PluginJar {
    private static final String NAME = UnixTransport.class.getSimpleName();
    private static final Path SOURCE =
            Path.of("src/test/java", UnixTransport.class.getName().replace('.', '/') + ".java");

    private final Path work;
    private String source;
    private String names = "";

    private PluginJar(Path work, String source) {
        this.work = work;
        this.source = source;
    }

    /** {@return a new plugin; {@code work} is a folder for intermediate files} */
    public static PluginJar in(Path work) throws IOException {
        return new PluginJar(
                work,
                Files.readString(SOURCE)
                        .replace("package " + UnixTransport.class.getPackageName() + ";", "package plugged;"));
    }

    /** Insert a statement that runs when an endpoint starts; the statement can use the endpoint's {@code name}. */
    public PluginJar onStart(String statement) {
        return before("start() throws IOException {", statement);
    }

    /** Insert a statement that runs when an endpoint is opened; the statement can use the {@code context}. */
    public PluginJar onOpen(String statement) {
        return before("open(TransportContext context) {", statement);
    }

    /** Insert a statement that runs when the transport is made. */
    public PluginJar onCreation(String statement) {
        source = source.replace(
                "implements Transport {",
                "implements Transport {\n    public " + NAME + "() {\n" + statement + "\n    }\n");
        return this;
    }

    private PluginJar before(String head, String statement) {
        source = source.replace(head, head + "\n" + statement);
        return this;
    }

    /** Let the manifest declare these names. */
    public PluginJar names(String list) {
        names = list;
        return this;
    }

    /** Compile the plugin, and move the JAR to its place in one step. */
    public void to(Path jar) throws IOException {
        var classes = Files.createTempDirectory(work, "classes");
        compile(classes);
        var whole = work.resolve("whole.jar");
        pack(classes, whole);
        Files.createDirectories(jar.getParent());
        Files.move(whole, jar, StandardCopyOption.REPLACE_EXISTING);
    }

    private void compile(Path classes) {
        var text = source;
        var file = new SimpleJavaFileObject(URI.create("string:///" + NAME + ".java"), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
        var options =
                List.of("-d", classes.toString(), "-proc:none", "-classpath", System.getProperty("java.class.path"));
        if (!ToolProvider.getSystemJavaCompiler()
                .getTask(null, null, null, options, null, List.of(file))
                .call()) {
            throw new IllegalArgumentException(text);
        }
    }

    private void pack(Path classes, Path jar) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (!names.isEmpty()) {
            manifest.getMainAttributes().putValue(PluginNames.ATTRIBUTE, names);
        }
        try (var out = new JarOutputStream(Files.newOutputStream(jar), manifest);
                var all = Files.walk(classes)) {
            for (var file : all.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                out.write(Files.readAllBytes(file));
            }
            out.putNextEntry(new JarEntry("META-INF/services/dev.socketforwarder.api.Transport"));
            out.write(("plugged." + NAME + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }
}
