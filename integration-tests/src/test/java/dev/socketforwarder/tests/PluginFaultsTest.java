package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** Tests what is said of plugins that are broken or refused, and what happens then. */
class PluginFaultsTest extends WithPluginFolder {
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
        assertThat(result.outText()).contains("It runs:\n  unix  at ");
        var listed = launch("plugins").run();
        assertThat(listed.exitCode()).isEqualTo(2);
        assertThat(listed.outText()).contains("unix  example.unix").contains("broken.jar is not a readable JAR");
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
}
