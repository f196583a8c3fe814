package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests plugins in folders: which are found and loaded, and what they may use. */
class PluginLoadingTest extends WithPluginFolder {
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
        assertThat(unix("check").run().outText()).contains("It runs:\n  unix  at ");
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
        assertThat(result.outText()).contains("It runs:\n  local  at /x");
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
}
