package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests plugins in folders: which are found and loaded, and the messages about broken ones. */
class PluginLoadingTest {
    private static final String PREFIX = "SOCKETFORWARDER-NEW:";

    @TempDir
    private Path work;

    private Path folder;
    private Path sockets;

    @BeforeEach
    void makeFolders() throws IOException {
        folder = Files.createDirectory(work.resolve("plugins"));
        sockets = Files.createTempDirectory("sf"); // short, since a socket's path has a limit
    }

    @AfterEach
    void removeSockets() throws IOException {
        try (var all = Files.list(sockets)) {
            all.forEach(Forwarder::delete);
        }
        Files.delete(sockets);
    }

    private Launch launch(String... arguments) {
        return Launch.with(arguments).env("SOCKETFORWARDER_PLUGINS_PATH", folder.toString());
    }

    private Launch unix(String... arguments) {
        return launch(arguments).env("SOCKETFORWARDER_UNIX_PATH", socket().toString());
    }

    private Path socket() {
        return sockets.resolve("s");
    }

    private Path jar(String name) {
        return folder.resolve(name);
    }

    /** Assert what a command says in one line about a broken plugin. */
    private void assertSays(int exitCode, Launch launch, String... parts) {
        var result = launch.run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(exitCode);
        assertThat(result.err()).as("one line").hasSize(1);
        assertThat(result.errText()).startsWith("socketforwarder: plugin ").contains(parts);
    }

    static SocketChannel join(Forwarder forwarder, Path socket, String group, int n) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
        channel.write(ByteBuffer.wrap((PREFIX + group).getBytes(StandardCharsets.UTF_8)));
        forwarder.awaitLine("#" + n + " joined \"" + group + "\"");
        return channel;
    }

    static String read(SocketChannel channel, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // Until all is there.
        }
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
    }

    @Test
    void aJarInTheFolderServesAsOurOwnTransportsDo() throws IOException {
        PluginSources.unixJar(work, jar("unix.jar"));
        try (var forwarder = unix().env("SOCKETFORWARDER_DEBUG", "true")
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .start()) {
            forwarder.awaitLine("unix listening on " + socket());
            try (var a = join(forwarder, socket(), "g", 1);
                    var b = join(forwarder, socket(), "g", 2);
                    var tcp = forwarder.join("g")) {
                a.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
                assertThat(read(b, 5)).isEqualTo("hello");
                assertThat(new String(tcp.receive(5), StandardCharsets.UTF_8)).isEqualTo("hello");
                tcp.send("there".getBytes(StandardCharsets.UTF_8));
                assertThat(read(a, 5)).isEqualTo("there");
                assertThat(unix("health").run().exitCode()).isZero();
                forwarder.stop();
                assertThat(read(b, 6)).isEqualTo("there");
            }
            forwarder.awaitLine("unix since the start: accepted 2");
        }
        assertThat(unix("health").run().exitCode()).isEqualTo(1);
        assertThat(socket()).doesNotExist();
    }

    @Test
    void itsPeersMaySpeakTlsAsThoseOfOurOwnDo(@TempDir Path store) throws IOException {
        var certificates = new Certificates(store);
        certificates.issue("server");
        PluginSources.unixJar(work, jar("unix.jar"));
        try (var forwarder = unix().yaml("""
                        host-address: 127.0.0.1
                        debug: true
                        transports:
                          tcp: { port: 0 }
                          unix: { first-message-timeout: 30s, tls: { certificate: %s, key: %s } }
                        """.formatted(
                                        certificates.certificate("server", store.resolve("tls.crt")),
                                        certificates.key("server", store.resolve("tls.key"))))
                        .start();
                var plain = SocketChannel.open(UnixDomainSocketAddress.of(socket()));
                var secure =
                        certificates.context().getSocketFactory().createSocket(asSocket(plain), "localhost", 1, true);
                var tcp = forwarder.join("g")) {
            secure.getOutputStream().write((PREFIX + "g\n").getBytes(StandardCharsets.UTF_8));
            forwarder.awaitLine("#1 joined \"g\"");
            tcp.send("over TLS".getBytes(StandardCharsets.UTF_8));
            assertThat(secure.getInputStream().readNBytes(8)).asString().isEqualTo("over TLS");
            secure.getOutputStream().write("and back".getBytes(StandardCharsets.UTF_8));
            tcp.expect("and back");
        }
    }

    /** {@return a channel in the form that the JDK's TLS needs} */
    private static Socket asSocket(SocketChannel channel) {
        return new Socket() {
            @Override
            public boolean isConnected() {
                return true;
            }

            @Override
            public InputStream getInputStream() {
                return Channels.newInputStream(channel);
            }

            @Override
            public OutputStream getOutputStream() {
                return Channels.newOutputStream(channel);
            }
        };
    }

    @Test
    void allElseComesFromTheCacheStill() throws IOException {
        PluginSources.unixJar(work, jar("unix.jar"));
        var loaded = work.resolve("classes.log");
        // With `on`, a cache that does not fit is an error. The options come after the launcher's, which turn all
        // logging off.
        var options = "-XX:AOTMode=on -Xlog:class+load:file=" + loaded;
        try (var forwarder = unix().env("_JAVA_OPTIONS", options)
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .start()) {
            forwarder.awaitLine("unix listening on " + socket());
            forwarder.stop();
        }

        var classes = Files.readAllLines(loaded);
        assertThat(classes).anyMatch(line -> line.contains(" example.unix.Unix source: file:"));
        var cached = classes.stream()
                .filter(line -> line.contains("shared objects file"))
                .toList();
        assertThat(cached).anyMatch(line -> line.contains(" dev.socketforwarder.runtime.server.Server source: "));
        // The rest is what layers need, and what the JVM makes while it runs.
        assertThat(cached).hasSizeGreaterThan(classes.size() * 8 / 10);
    }

    @Test
    void commandsKnowItsSettings() {
        PluginSources.unixJar(work, jar("unix.jar"));
        assertThat(unix("check").run().outText()).endsWith("It runs: unix");
        var config = unix("config").run();
        assertThat(config.outText())
                .containsPattern("path: \"?" + socket())
                .contains("first-message-timeout: 5s")
                .contains("on-error: fail");
        var plugins = launch("plugins").run();
        assertThat(plugins.exitCode()).isZero();
        assertThat(plugins.outText()).contains("unix  example.unix  " + jar("unix.jar"));

        var wrong = launch("check")
                .yaml("transports:\n  local:\n    type: unix\n    path: /x\n    pth: /y\n")
                .run();
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.errText())
                .contains(":5: transports.local.pth")
                .contains("did you mean transports.local.path?");
        var left = launch("check", "1").yaml("transports:\n  unix: {}\n").run();
        assertThat(left.errText()).contains("unix does not run: transports.unix.path is not set");
    }

    /** Make a plugin that tells when its transport is made, and whose manifest declares these names. */
    private void telling(String type, String names) {
        PluginJars.in(work)
                .source(PluginSources.module("example." + type, "example." + type + ".Unix"))
                .source(PluginSources.unix("example." + type, type, "")
                        .replace(
                                "public String type()",
                                "public Unix() { System.err.println(\"made " + type + "\"); } public String type()"))
                .resource("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\nSocketForwarder-Names: " + names + "\n")
                .to(jar(type + ".jar"));
    }

    @Test
    void oneWhoseManifestHasItsNamesIsLoadedOnlyWhereOneIsAskedFor() {
        telling("carrier", "carrier");
        telling("pigeon", "pigeon, pigeon-policy");

        var byType = launch("check")
                .yaml("transports: {a: {type: carrier, path: /x}}\n")
                .run();
        assertThat(byType.exitCode()).as(byType.errText()).isZero();
        assertThat(byType.err()).contains("made carrier").doesNotContain("made pigeon");
        assertThat(launch("check")
                        .env("SOCKETFORWARDER_CARRIER_PATH", "/x")
                        .run()
                        .err())
                .contains("made carrier")
                .doesNotContain("made pigeon");

        var wrong = launch("check")
                .yaml("transports: {a: {type: pigeon, path: /x}}\n")
                .run();
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.errText())
                .contains("plugin \"pigeon\"", "it provides pigeon, but its manifest says", "correct the manifest");
    }

    @Test
    void theConfigurationIsReadOnce() {
        PluginSources.unixJar(work, jar("unix.jar"));

        var result = launch("check")
                .yamlFromPipe("transports: {local: {type: unix, path: /x}}")
                .run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.outText()).endsWith("It runs: local");
    }

    @Test
    void oneThatWasBuiltForALaterApiIsNamed() {
        var later = PluginJars.in(work)
                .source("module dev.socketforwarder.api { exports dev.socketforwarder.api; }")
                .source("package dev.socketforwarder.api; public interface Transport { String type(); }")
                .option("--module-version", "99.0.0")
                .withoutApi()
                .to(work.resolve("api.jar"));
        PluginJars.in(work)
                .source(PluginSources.module("later", "later.Unix"))
                .source("package later; public class Unix implements dev.socketforwarder.api.Transport {"
                        + " public String type() { return \"later\"; } }")
                .library(later)
                .withoutApi()
                .to(jar("later.jar"));

        assertSays(2, launch("check", "7001"), "later", "it was built for version 99.0.0", "this server has 1.");
    }

    @Test
    void whatIsNoPluginIsPassedOver() throws IOException {
        PluginSources.unixJar(work, jar("unix.jar"));
        Files.writeString(jar("README.txt"), "read me");
        Files.writeString(jar(".hidden.jar"), "no JAR");
        Files.createSymbolicLink(jar("loop"), jar("loop"));
        var inner = Files.createDirectories(folder.resolve("other/deeper"));
        Files.createSymbolicLink(inner.resolve("up"), folder);
        PluginSources.unixJar(work, folder.resolve("other/x.jar"), "other.unix", "unix2", "");

        var plugins = launch("plugins").run();

        assertThat(plugins.exitCode()).as(plugins.outText()).isZero();
        assertThat(plugins.outText()).contains("unix  example.unix").contains("unix2  other.unix");
    }

    @Test
    void itsCodeIsNotRunUnlessSomebodyNamesIt() {
        PluginJars.in(work)
                .source("module bad.one { requires dev.socketforwarder.api;"
                        + " provides dev.socketforwarder.api.Transport with bad.one.Unix; }")
                .source(PluginSources.unix("bad.one", "bad", "")
                        .replace(
                                "public String type()",
                                "static { System.err.println(\"LOADED\"); } public String type()"))
                .to(jar("bad.jar"));

        assertThat(launch("check", "1").run().errText()).doesNotContain("LOADED");
        assertThat(launch("check").env("SOCKETFORWARDER_BAD_PATH", "/x").run().errText())
                .contains("LOADED");
    }

    @Test
    void eachHasItsOwnVersionOfALibrary() {
        for (var version : new String[] {"1", "2"}) {
            var library = PluginJars.in(work)
                    .source("module lib { exports lib; }")
                    .source("package lib; public class Lib { public static String version() { return \"" + version
                            + "\"; } }")
                    .to(folder.resolve("p" + version + "/lib.jar"));
            var module = "p.v" + version;
            PluginJars.in(work)
                    .library(library)
                    .source(PluginSources.module(module, module + ".Unix", "lib"))
                    .source(PluginSources.unix(
                            module, "unix" + version, "System.out.println(\"library \" + lib.Lib.version())"))
                    .to(folder.resolve("p" + version + "/plugin.jar"));
        }

        var result = launch("check")
                .env("SOCKETFORWARDER_UNIX1_PATH", "/tmp/x")
                .env("SOCKETFORWARDER_UNIX2_PATH", "/tmp/y")
                .run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.outText()).contains("library 1", "library 2");
    }

    @Test
    void plainJarsAreEnough() {
        var library = PluginJars.in(work)
                .source("package plain; public class Lib { public static String word() { return \"plainly\"; } }")
                .to(folder.resolve("plain/lib-1.0.jar"));
        PluginJars.in(work)
                .library(library)
                .source(PluginSources.unix("plain.plugin", "unix", "System.out.println(plain.Lib.word())"))
                .resource("META-INF/services/dev.socketforwarder.api.Transport", "plain.plugin.Unix\n")
                .to(folder.resolve("plain/plugin.jar"));

        var result = unix("check").run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.outText()).contains("plainly");
    }

    @Test
    void theJdksModulesThatPluginsRequireAreThere() {
        var jdk = new String[] {
            "java.net.http", "java.naming", "java.management", "java.sql", "jdk.httpserver", "jdk.unsupported"
        };
        PluginJars.in(work)
                .source(PluginSources.module("jdk.user", "jdk.user.Unix", jdk))
                .source(PluginSources.unix(
                        "jdk.user",
                        "unix",
                        "try { java.net.http.HttpClient.newHttpClient(); java.sql.DriverManager.getDrivers();"
                                + " com.sun.net.httpserver.HttpServer.create(); new javax.naming.CompositeName();"
                                + " System.out.println(java.lang.management.ManagementFactory.getRuntimeMXBean().getPid()"
                                + " > 0); } catch (IOException e) { throw new IllegalStateException(e); }"))
                .to(jar("jdk.jar"));

        var result = unix("check").run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.outText()).contains("true");
    }

    @Test
    void oneWithoutProviderIsNamed() {
        PluginJars.in(work)
                .source("module nothing { }")
                .source("package nothing; public class Nothing { }")
                .to(jar("nothing.jar"));

        assertSays(2, launch("check", "1"), "\"nothing\" (" + jar("nothing.jar") + ")", "provides neither");
    }

    @Test
    void aMissingModuleIsNamed() {
        var library = PluginJars.in(work)
                .source("module lib.gone { exports gone; }")
                .source("package gone; public class Gone { }")
                .to(work.resolve("gone.jar"));
        PluginJars.in(work)
                .library(library)
                .source(PluginSources.module("m", "m.Unix", "lib.gone"))
                .source(PluginSources.unix("m", "unix", ""))
                .to(jar("m.jar"));

        assertSays(
                2,
                launch("check", "1"),
                "module lib.gone, which m requires, is missing; put its JAR into the plugin's folder");
    }

    @Test
    void aSplitPackageIsNamed() {
        PluginSources.unixJar(work, folder.resolve("split/a.jar"), "same", "unix", "");
        PluginJars.in(work)
                .source("module other { exports same; }")
                .source("package same; public class Other { }")
                .to(folder.resolve("split/b.jar"));

        assertSays(
                2,
                launch("check", "1"),
                "\"split\"",
                "package same is in two of its modules",
                "remove one of the JARs");
    }

    @Test
    void twoModulesOfOneNameAreNamed() {
        PluginSources.unixJar(work, folder.resolve("twice/a.jar"));
        PluginSources.unixJar(work, folder.resolve("twice/b.jar"));

        assertSays(2, launch("check", "1"), "two of its JARs are module example.unix");
    }

    @Test
    void oneThatBringsTheApiAlongIsTold() throws IOException {
        PluginSources.unixJar(work, folder.resolve("fat/a.jar"));
        Files.copy(PluginJars.api(), folder.resolve("fat/api.jar"));

        assertSays(2, launch("check", "1"), "it contains dev.socketforwarder.api", "remove api.jar");
    }

    @Test
    void corruptAndEmptyJarsAreNamed() throws IOException {
        Files.writeString(jar("a.jar"), "");
        assertSays(2, launch("check", "1"), "a.jar is not a readable JAR", "copy it again");
        Files.writeString(jar("a.jar"), "this is no archive at all");
        assertSays(2, launch("check", "1"), "a.jar is not a readable JAR");
        Files.delete(jar("a.jar"));
        Files.createDirectory(folder.resolve("empty"));
        assertSays(2, launch("check", "1"), "\"empty\"", "there is no JAR in it");
        Files.delete(folder.resolve("empty"));
        Files.createSymbolicLink(jar("loop.jar"), jar("loop.jar"));
        assertSays(2, launch("check", "1"), "loop.jar cannot be read");
    }

    @Test
    void oneForANewerJavaIsNamed() throws IOException {
        var jar = PluginSources.unixJar(work, work.resolve("new.jar"));
        try (var in = FileSystems.newFileSystem(jar)) {
            var descriptor = in.getPath("module-info.class");
            var bytes = Files.readAllBytes(descriptor);
            bytes[7] = 99; // the major version
            Files.write(descriptor, bytes);
        }
        Files.copy(jar, jar("new.jar"));
        assertSays(2, launch("check", "1"), "was compiled for a newer Java than this one, 25");

        PluginSources.unixJar(work, jar);
        try (var in = FileSystems.newFileSystem(jar)) {
            var unix = in.getPath("example/unix/Unix.class");
            var bytes = Files.readAllBytes(unix);
            bytes[7] = 99;
            Files.write(unix, bytes);
        }
        Files.delete(jar("new.jar"));
        Files.copy(jar, jar("new.jar"));
        assertSays(1, unix("check"), "was compiled for a newer Java than this one, 25");
    }

    @Test
    void anApiThatItDoesNotFitIsNamed() {
        var otherApi = PluginJars.in(work)
                .source("module dev.socketforwarder.api { exports dev.socketforwarder.api; }")
                .source("package dev.socketforwarder.api; public interface Transport { String type(); Endpoint"
                        + " open(TransportContext context); }")
                .source("package dev.socketforwarder.api; public interface Endpoint { }")
                .source("package dev.socketforwarder.api; public interface TransportContext { int notThereYet(); }");
        var api = otherApi.to(work.resolve("api.jar"));
        PluginJars.in(work)
                .withoutApi()
                .library(api)
                .source(PluginSources.module("future", "future.T"))
                .source("package future; import dev.socketforwarder.api.*; public class T implements Transport { public"
                        + " String type() { return \"unix\"; } public Endpoint open(TransportContext context) {"
                        + " context.notThereYet(); return null; } }")
                .to(jar("future.jar"));

        var result = unix("check").run();

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errText())
                .contains("transport \"unix\" of module future of plugin \"future\" cannot open endpoint unix")
                .contains("does not fit the API")
                .contains("notThereYet");
    }

    @Test
    void oneThatThrowsWhenItIsMadeIsNamed() {
        PluginJars.in(work)
                .source(PluginSources.module("thrower", "thrower.Unix"))
                .source(
                        PluginSources.unix("thrower", "unix", "")
                                .replace(
                                        "public String type() {",
                                        "public Unix() { throw new IllegalStateException(\"on purpose\"); } public String type() {"))
                .to(jar("thrower.jar"));
        assertSays(1, unix("check"), "\"thrower\"", "its transport cannot be made", "on purpose");

        PluginSources.unixJar(
                work, jar("thrower.jar"), "thrower", "unix", "if (true) throw new AssertionError(\"no way\")");
        assertThat(unix("check").run().errText())
                .contains("of plugin \"thrower\" cannot open endpoint unix")
                .contains("no way");
    }

    @Test
    void twoWithOneNameAreNamed() {
        PluginSources.unixJar(work, jar("a.jar"), "a", "unix", "");
        PluginSources.unixJar(work, jar("b.jar"), "b", "unix", "");
        assertSays(
                2,
                unix("check"),
                "\"b\"",
                "its transport is named \"unix\", as is \"unix\" of module a of plugin \"a\"");
        PluginSources.unixJar(work, jar("b.jar"), "b", "tcp", "");
        assertSays(2, unix("check"), "its transport is named \"tcp\", as is \"tcp\" of module dev.socketforwarder");
        PluginSources.unixJar(work, jar("b.jar"), "b", "Not A Key", "");
        assertSays(2, unix("check"), "calls itself \"Not A Key\"");
    }

    @Test
    void withSkipABrokenOneIsLeftOut() throws IOException {
        Files.writeString(jar("broken.jar"), "x");
        PluginSources.unixJar(work, jar("unix.jar"));

        var result =
                unix("check").env("SOCKETFORWARDER_PLUGINS_ON_ERROR", "skip").run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.errText())
                .contains("broken.jar is not a readable JAR")
                .contains("it is left out");
        assertThat(result.outText()).endsWith("It runs: unix");
        var listed = launch("plugins").run();
        assertThat(listed.exitCode()).isEqualTo(2);
        assertThat(listed.outText()).contains("unix  example.unix").contains("broken.jar is not a readable JAR");
    }

    @Test
    void onlyThoseThatAreEnabledAreLoaded() throws IOException {
        Files.writeString(jar("broken.jar"), "x");
        PluginSources.unixJar(work, jar("unix.jar"));

        assertThat(unix("check")
                        .env("SOCKETFORWARDER_PLUGINS_ENABLED", "unix")
                        .run()
                        .exitCode())
                .isZero();
        var wrong =
                unix("check").env("SOCKETFORWARDER_PLUGINS_ENABLED", "unics").run();
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.errText()).contains("plugins.enabled is \"unics\"").contains("broken, unix");
        var nowhere = launch("check", "1")
                .env("SOCKETFORWARDER_PLUGINS_PATH", "/nowhere/at/all")
                .run();
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.errText()).contains("plugins.path is \"/nowhere/at/all\"");
    }

    @Test
    void aJarThatIsNotOnTheListIsRefused() throws Exception {
        var plugin = PluginSources.unixJar(work, folder.resolve("p/unix.jar"));
        var library = PluginJars.in(work)
                .source("module lib { exports lib; }")
                .source("package lib; public class Lib { }")
                .to(folder.resolve("p/lib.jar"));
        assertSays(
                2,
                unix("check").env("SOCKETFORWARDER_PLUGINS_SHA256", hash(plugin)),
                "lib.jar is refused",
                hash(library));
        var both = hash(plugin).toUpperCase(Locale.ROOT) + "," + hash(library);

        var result = unix("check").env("SOCKETFORWARDER_PLUGINS_SHA256", both).run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(unix("check")
                        .env("SOCKETFORWARDER_PLUGINS_SHA256", "abc")
                        .run()
                        .errText())
                .contains("plugins.sha256 is \"abc\"");
    }

    private static String hash(Path jar) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar)));
    }

    @Test
    void verifyLoadsOneAsTheServerWould() throws IOException {
        var good = PluginSources.unixJar(work, work.resolve("elsewhere/unix.jar"));
        var result = Launch.with("plugins", "--verify", good.toString()).run();
        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.outText()).contains("is valid").contains("unix  example.unix  " + good);

        var broken = Files.writeString(work.resolve("broken.jar"), "x");
        assertSays(2, Launch.with("plugins", "--verify", broken.toString()), "broken.jar is not a readable JAR");
        var tcp = PluginSources.unixJar(work, work.resolve("tcp.jar"), "own.tcp", "tcp", "");
        assertSays(2, Launch.with("plugins", "--verify", tcp.toString()), "its transport is named \"tcp\"");
        var nowhere = Launch.with("plugins", "--verify", "/nowhere.jar").run();
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.errText()).contains("does not exist");
    }

    @Test
    void aChangedJarIsLoadedAgainAndABrokenOneIsNot() throws IOException {
        PluginSources.unixJar(work, jar("unix.jar"), "example.unix", "unix", "System.out.println(\"first\")");
        try (var forwarder = unix().env("SOCKETFORWARDER_DEBUG", "true")
                .env("SOCKETFORWARDER_TCP_PORT", "0")
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .env("SOCKETFORWARDER_PLUGINS_RELOAD", "true")
                .start()) {
            forwarder.awaitLine("unix listening on");
            try (var undisturbed = forwarder.join("g");
                    var gone = join(forwarder, socket(), "g", 1)) {
                move(PluginSources.unixJar(
                        work, work.resolve("new.jar"), "example.unix", "unix", "System.out.println(\"second\")"));
                forwarder.awaitLine("was loaded again, for unix");
                assertThat(read(gone, 1)).as("it was stopped").isEmpty();
                forwarder.out().await(1, line -> line.equals("second"), "second", Forwarder.LIMIT);

                move(Files.writeString(work.resolve("new.jar"), "broken"));
                forwarder.awaitLine("the plugin that runs is kept");
                try (var other = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
                    other.write(ByteBuffer.wrap((PREFIX + "g").getBytes(StandardCharsets.UTF_8)));
                    forwarder.err().await(2, line -> line.contains("#1 joined \"g\""), "joined again", Forwarder.LIMIT);
                    other.write(ByteBuffer.wrap("news".getBytes(StandardCharsets.UTF_8)));
                    assertThat(new String(undisturbed.receive(4), StandardCharsets.UTF_8))
                            .isEqualTo("news");
                }
            }
            forwarder.stop();
        }
    }

    private void move(Path jar) throws IOException {
        Files.move(jar, jar("unix.jar"), StandardCopyOption.REPLACE_EXISTING);
    }
}
