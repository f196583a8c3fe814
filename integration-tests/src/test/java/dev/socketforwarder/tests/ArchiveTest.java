package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what the archives hold, and that it runs where they are unpacked. */
@Timeout(120)
class ArchiveTest {
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)");

    private static final String VERSION = System.getProperty("socketforwarder.version");

    @TempDir
    private Path folder;

    private record Result(int exitCode, String out, String err) {}

    @ParameterizedTest
    @ValueSource(strings = {"linux-*", "any"})
    void runsWhereItIsUnpacked(String kind) throws Exception {
        var launcher = unpack(archive(kind)).resolve("bin/socketforwarder").toString();

        var result = run(Map.of("JAVA_HOME", System.getProperty("java.home")), launcher, "--version");

        assertThat(result).isEqualTo(new Result(0, "socketforwarder " + VERSION + "\n", ""));
    }

    @Test
    void theCacheFitsTheUnpackedImage() throws Exception {
        var launcher = unpack(archive("linux-*")).resolve("bin/socketforwarder").toString();

        // With `on`, a cache that does not fit is an error.
        var result = run(Map.of("JDK_JAVA_OPTIONS", "-XX:AOTMode=on"), launcher, "--version");

        assertThat(result.exitCode()).as(result.toString()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-*", "any"})
    void holdsTheLicencesOfAllLibraries(String kind) throws Exception {
        var legal = unpack(archive(kind)).resolve("legal");

        assertThat(legal.resolve("LICENSE")).content().contains("Apache License");
        assertThat(legal.resolve("THIRD-PARTY.txt"))
                .content()
                .contains("jackson-databind", "jackson-dataformat-yaml", "log4j-core", "picocli", "snakeyaml-engine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-*", "any"})
    void bringsAllToWhichItsDocumentsLink(String kind) throws Exception {
        var unpacked = unpack(archive(kind));
        var documents = new ArrayList<Path>();
        for (var place : List.of(unpacked, unpacked.resolve("docs"))) {
            try (var files = Files.list(place)) {
                files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
            }
        }

        assertThat(documents).hasSizeGreaterThan(15);
        for (var document : documents) {
            var links = LINK.matcher(Files.readString(document));
            assertThat(links.results().map(link -> link.group(1)).filter(link -> !link.contains(":")))
                    .as(document.toString())
                    .allSatisfy(
                            link -> assertThat(document.resolveSibling(link)).exists());
        }
    }

    /** Sorted names, one time, one owner: nothing from the machine that built it. */
    @ParameterizedTest
    @ValueSource(strings = {"linux-*", "any"})
    void tellsNothingOfTheMachineThatBuiltIt(String kind) throws Exception {
        var listing = run(Map.of(), "tar", "tvzf", archive(kind).toString(), "--numeric-owner", "--full-time", "--utc");

        assertThat(listing.out().lines())
                .isNotEmpty()
                .map(line -> line.split(" +", 6))
                .allSatisfy(field -> assertThat(field[1]).isEqualTo("0/0"))
                .extracting(field -> field[3] + " " + field[4])
                .containsOnly(listing.out().split(" +", 6)[3] + " 00:00:00");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linux-*", "any"})
    void writesANewPluginWhereOneIs(String kind) throws Exception {
        var launcher = unpack(archive(kind)).resolve("bin/socketforwarder").toString();
        var environment = Map.of("JAVA_HOME", System.getProperty("java.home"));

        var made = run(environment, launcher, "plugins", "--new", "my-pipes");
        assertThat(made.exitCode()).as(made.err()).isZero();
        assertThat(folder.resolve("my-pipes/src/main/java/com/example/mypipes/SocketTransport.java"))
                .isRegularFile();

        var again = run(environment, launcher, "plugins", "--new", "my-pipes");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err())
                .startsWith("socketforwarder: my-pipes exists already")
                .hasLineCount(1);
        var installed = run(environment, launcher, "plugins", "--new", "tcp");
        assertThat(installed.exitCode()).isEqualTo(2);
        assertThat(installed.err())
                .contains("is the name of an installed plugin")
                .hasLineCount(1);
    }

    /** A repository in a folder, the template and the document, with sorted names and one time as in the archives. */
    @Test
    void thePluginKitIsCompleteAndTellsNothingOfTheMachine() throws Exception {
        var name = "socketforwarder-plugin-kit-" + VERSION;
        var kit = Path.of(System.getProperty("socketforwarder.archives")).resolve(name + ".zip");
        try (var zip = new ZipFile(kit.toFile())) {
            var entries = zip.stream().map(ZipEntry::getName).toList();
            assertThat(entries)
                    .isSorted()
                    .allMatch(entry -> entry.startsWith(name + "/"))
                    .contains(
                            name + "/PLUGINS.md",
                            name + "/LICENSE",
                            name + "/plugin-template/pom.xml",
                            name + "/member-template/pom.xml");
            for (var artifact : List.of("forwarder-api", "forwarder-testkit")) {
                for (var end : List.of(".jar", "-sources.jar", "-javadoc.jar", ".pom", ".jar.sha1")) {
                    assertThat(entries)
                            .anyMatch(entry -> entry.contains("/repository/dev/socketforwarder/" + artifact + "/")
                                    && entry.matches(".*-[0-9.]+" + end));
                }
            }
            assertThat(zip.stream().map(ZipEntry::getTimeLocal))
                    .containsOnly(zip.entries().nextElement().getTimeLocal());
        }
    }

    private static Path archive(String kind) throws IOException {
        var archives = Path.of(System.getProperty("socketforwarder.archives"));
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(archives, "socketforwarder-" + VERSION + "-" + kind + ".tar.gz")) {
            return found.iterator().next();
        }
    }

    private Path unpack(Path archive) throws Exception {
        var result = run(Map.of(), "tar", "xzf", archive.toString(), "-C", folder.toString());
        assertThat(result.exitCode()).as(result.err()).isZero();
        return folder.resolve("socketforwarder-" + VERSION);
    }

    private Result run(Map<String, String> environment, String... command) throws Exception {
        var out = Files.createTempFile(folder, "out", null);
        var err = Files.createTempFile(folder, "err", null);
        var builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().remove("JDK_JAVA_OPTIONS");
        builder.environment().putAll(environment);
        var process = builder.start();
        process.getOutputStream().close();
        int exitCode = process.waitFor();
        return new Result(
                exitCode, Files.readString(out, StandardCharsets.UTF_8), Files.readString(err, StandardCharsets.UTF_8));
    }
}
