package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Follows docs/PLUGINS.md as it is in the plugin kit, with nothing but the kit and the archive. */
@Timeout(300)
class PluginKitTest {
    private static final String VERSION = System.getProperty("socketforwarder.version");
    private static final Path ARCHIVES = Path.of(System.getProperty("socketforwarder.archives"));
    private static final String KIT = "socketforwarder-plugin-kit-" + VERSION;
    /** Includes Maven's build and tests of the plugin. */
    private static final Duration BUILD = Duration.ofMinutes(4);

    private static final String FIRST = "From nothing to a running plugin";

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path folder; // short, since a socket's path has a limit

    @BeforeEach
    void download() throws IOException {
        folder = Files.createTempDirectory("sf");
        try (var archives = Files.newDirectoryStream(ARCHIVES, "socketforwarder-" + VERSION + "-linux-*.tar.gz")) {
            for (var archive : archives) {
                Files.copy(archive, folder.resolve(archive.getFileName()));
            }
        }
        Files.copy(ARCHIVES.resolve(KIT + ".zip"), folder.resolve(KIT + ".zip"));
    }

    @AfterEach
    void remove() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
        try (var files = Files.walk(folder)) { // links into the local repository are not followed
            for (var file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** {@return the blocks of this kind in one section of the document, in their order} */
    private List<String> blocks(String section, String kind) throws IOException {
        try (var zip = new ZipFile(folder.resolve(KIT + ".zip").toFile())) {
            var document = zip.getInputStream(zip.getEntry(KIT + "/PLUGINS.md"));
            var text = new String(document.readAllBytes(), StandardCharsets.UTF_8);
            var found = Pattern.compile("^## " + section + "$(.*?)(?=^## )", Pattern.DOTALL | Pattern.MULTILINE)
                    .matcher(text);
            assertThat(found.find()).as(section).isTrue();
            return Pattern.compile("^```" + kind + "\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
                    .matcher(found.group(1))
                    .results()
                    .map(block -> block.group(1))
                    .toList();
        }
    }

    private String steps(String section) throws IOException {
        return String.join("", blocks(section, "sh step"));
    }

    /** {@return the first step, which unpacks both files} */
    private String unpack() throws IOException {
        return blocks(FIRST, "sh step").getFirst();
    }

    /**
     * {@return a local repository with everything from the machine's own except this project, which must come from the
     * kit} What the build leaves behind must not outlive the test.
     */
    private Path repository() throws IOException {
        var own = Path.of(System.getProperty("socketforwarder.maven.repository"));
        var repository = folder.resolve("m2");
        if (Files.exists(repository)) {
            return repository;
        }
        Files.createDirectories(repository.resolve("dev"));
        link(own, repository, "dev");
        if (Files.isDirectory(own.resolve("dev"))) {
            link(own.resolve("dev"), repository.resolve("dev"), "socketforwarder");
        }
        return repository;
    }

    private static void link(Path from, Path to, String except) throws IOException {
        try (var entries = Files.list(from)) {
            for (var entry : entries.toList()) {
                var name = entry.getFileName().toString();
                if (!name.equals(except)) {
                    Files.createSymbolicLink(to.resolve(name), entry);
                }
            }
        }
    }

    private Forwarder run(String script) throws IOException {
        var builder = new ProcessBuilder("bash", "-c", "set -eu\n" + script + "wait\n").directory(folder.toFile());
        var environment = builder.environment();
        environment.keySet().removeIf(name -> name.toLowerCase().startsWith("socketforwarder"));
        environment.remove("JDK_JAVA_OPTIONS");
        var java = System.getProperty("java.home");
        environment.put("JAVA_HOME", java);
        environment.put(
                "PATH",
                String.join(
                        File.pathSeparator,
                        java + "/bin",
                        System.getProperty("socketforwarder.maven") + "/bin",
                        environment.get("PATH")));
        environment.put("MAVEN_OPTS", "-Dmaven.repo.local=" + repository());
        environment.put("SOCKETFORWARDER_TCP_PORT", "0"); // replaces the port in the document
        if (script.contains("beacons")) {
            environment.put("SOCKETFORWARDER_BEACONS_PORT", "0");
        }
        environment.put("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1");
        environment.put("SOCKETFORWARDER_DEBUG", "true");
        var process = builder.start();
        process.getOutputStream().close();
        Launch.endWithTests(process);
        var forwarder = new Forwarder(process, List.of());
        opened.add(forwarder);
        // Killed before their shell, since nothing would know of them afterwards.
        opened.add(() -> {
            var all = process.descendants().toList();
            all.forEach(ProcessHandle::destroy);
            all.forEach(one -> one.onExit().join());
        });
        return forwarder;
    }

    @Test
    void itsStepsLeadToARunningPlugin() throws Exception {
        var steps = steps(FIRST);
        assertThat(steps).contains("plugins --new pipes", "mvn -q package");

        var forwarder = run(steps);

        forwarder.err().await(1, line -> line.contains("pipes listening on"), "the steps' end", BUILD);
        forwarder.awaitLine("locked listening on");
        assertThat(forwarder.out().toString()).contains("com.example.pipes");
        var tcp = TcpClient.connect(forwarder.tcp());
        opened.add(tcp);
        tcp.join("chat");
        forwarder.awaitJoined(tcp, "chat");
        var pipe = connect("pipes.sock", "SOCKETFORWARDER-NEW:chat\n");
        send(pipe, "from the pipe\n");
        tcp.expect("from the pipe\n");
        var locked = connect("locked.sock", "sesame chat\nfrom the locked one\n");
        tcp.expect("from the locked one\n");
        assertThat(receive(pipe, 20)).isEqualTo("from the locked one\n");
        tcp.send("and back\n");
        assertThat(receive(pipe, 9)).isEqualTo("and back\n");
        assertThat(receive(locked, 9)).isEqualTo("and back\n");
        var stranger = connect("locked.sock", "barley chat\n");
        assertThat(receive(stranger, 1)).as("the end").isEmpty();
    }

    @Test
    void theSecondTemplateLeadsToMembersOfItsOwn() throws Exception {
        var steps = steps("A member of your own");
        assertThat(steps).contains("plugins --new beacons --member", "mvn -q package");

        var forwarder = run(unpack() + steps);

        forwarder.err().await(1, line -> line.contains("beacons listening on"), "the steps' end", BUILD);
        var tcp = TcpClient.connect(forwarder.tcp());
        opened.add(tcp);
        tcp.join("chat");
        forwarder.awaitJoined(tcp, "chat");
        var beacon = UdpClient.to(forwarder.address("beacons"));
        opened.add(beacon);
        beacon.send("SOCKETFORWARDER-NEW:chat").send("from the beacon");
        tcp.expect("from the beacon");
        tcp.send("and back");
        beacon.expect("and back");
    }

    @Test
    void aLibraryIsInstalledBesideThePlugin() throws Exception {
        run(unpack() + "socketforwarder-" + VERSION + "/bin/socketforwarder plugins --new pipes\n")
                .awaitExit();
        var dependency = blocks("Libraries", "xml").getFirst();
        var version = dependency.replaceAll("(?s).*<version>(.*)</version>.*", "$1");
        var requires = blocks("Libraries", "java").getFirst();
        change("pom.xml", "  <dependencies>\n", "  <dependencies>\n" + dependency);
        change("src/main/java/module-info.java", "requires", requires + "requires");
        change("src/main/java/com/example/pipes/SocketTransport.java", "var path =", """
                var library = tools.jackson.core.json.JsonFactory.class.getModule();
                        System.out.println(library.getDescriptor().toNameAndVersion() + " brought along: "
                                + (library.getLayer() == getClass().getModule().getLayer()));
                        var path =""");

        var forwarder = run("""
                (cd pipes && mvn -q package -DskipTests) >&2
                cp -R pipes/target/pipes socketforwarder-%1$s/plugins/
                ls socketforwarder-%1$s/plugins/pipes
                socketforwarder-%1$s/bin/socketforwarder --set transports.pipes.path=pipes.sock &
                """.formatted(VERSION));

        forwarder.err().await(1, line -> line.contains("pipes listening on"), "the start", BUILD);
        assertThat(forwarder.out().soFar())
                .containsExactly(
                        "jackson-core-" + version + ".jar",
                        "pipes-1.0.0.jar",
                        "tools.jackson.core@" + version + " brought along: true");
    }

    private void change(String file, String from, String to) throws IOException {
        var path = folder.resolve("pipes").resolve(file);
        var text = Files.readString(path);
        assertThat(text).contains(from);
        Files.writeString(path, text.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to)));
    }

    private SocketChannel connect(String socket, String firstMessage) throws IOException {
        SocketAddress address = UnixDomainSocketAddress.of(folder.resolve(socket));
        var channel = SocketChannel.open(address);
        opened.add(channel);
        send(channel, firstMessage);
        return channel;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        var bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** {@return {@code n} bytes, or those before the end} */
    private static String receive(SocketChannel channel, int n) throws IOException {
        var bytes = ByteBuffer.allocate(n);
        while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
            // There may be more.
        }
        return StandardCharsets.UTF_8.decode(bytes.flip()).toString();
    }
}
