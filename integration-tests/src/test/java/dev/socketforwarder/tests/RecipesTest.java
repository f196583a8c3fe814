package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Follows each page of docs/recipes with the real programs. Programs are those of {@code script/test}; one that is missing is a fault,
 * unless {@code -Dwithout.recipe.programs=true} says that nothing may be installed. Where a page names no program, a library takes
 * its part: {@link Mavlink} that of autopilots, and {@link Manifests} that of a cluster.
 */
@SuppressWarnings("try") // programs and forwarders that only need to run
class RecipesTest {
    /** Examples of the standard for RTCM 3: a message 1005 with a position, and a message 1029 with a text. */
    private static final String STATION_2003 = "d300133ed7d30202980edeef34b4bd62ac0941986f33360b98";

    private static final String TEXT_OF_STATION_23 =
            "d300274050170084736e151e5554462d3820d0bfd180d0bed0b2d0b5d180d0bad0b02077c3b672746572eda33b";

    @TempDir
    private Path folder;

    /** A link to a device in the test's folder. JUnit fails if the device vanishes while it deletes the folder with the link. */
    private record DeviceLink(Path path) implements AutoCloseable {
        @Override
        public void close() {
            Forwarder.delete(path);
        }
    }

    private static void need(String... programs) {
        for (var program : programs) {
            boolean isThere = Program.exists(program);
            assumeTrue(isThere || !Boolean.getBoolean("without.recipe.programs"), program);
            assertThat(isThere).as(program + " is installed").isTrue();
        }
    }

    /** {@return a sentence with its checksum} */
    private static String nmea(String fields) {
        int checksum = fields.chars().reduce(0, (one, other) -> one ^ other);
        return "$%s*%02X\r\n".formatted(fields, checksum);
    }

    /** {@return where a receiver was at a second after noon} */
    private static String fix(int second) {
        return nmea("GPRMC,12000%d.00,A,4807.0380,N,01131.0000,E,022.4,084.4,010126,,,A".formatted(second));
    }

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress("127.0.0.1", port);
    }

    private static void until(Runnable attempt, BooleanSupplier done) {
        await().atMost(Forwarder.LIMIT).pollInterval(Duration.ofMillis(100)).until(() -> {
            attempt.run();
            return done.getAsBoolean();
        });
    }

    /** Have a member of {@code group} send lines until the client shows one. */
    private static void assertHears(Forwarder forwarder, String group, Program client, String text) {
        try (var member = forwarder.join(group)) {
            until(() -> member.send(text + "\n"), () -> client.out().soFar().contains(text));
        }
    }

    /** Restart the forwarder under a client, which has to hear before and after. */
    private static void assertHearsAcrossARestart(Recipe recipe, String config, String group, Program client) {
        try (var forwarder = recipe.forwarder(config)) {
            assertHears(forwarder, group, client, "first");
            forwarder.stop();
        }
        try (var forwarder = recipe.forwarder(config)) {
            assertHears(forwarder, group, client, "second");
        }
    }

    private Recipe clients() {
        var recipe = new Recipe("clients", folder).tcp(6753);
        recipe.write(
                "plain.yaml", "host-address: 127.0.0.1\ntransports: { tcp: { port: " + recipe.port(6753) + " } }\n");
        return recipe;
    }

    @ParameterizedTest
    @CsvSource({
        "demo.sh, bash, bash demo.sh",
        "demo.py, python3, exec python3 demo.py",
        "demo.js, node, exec node demo.js",
        "demo.c, gcc, gcc -Wall -Wextra -Wno-unused-result -Werror -o demo demo.c && exec ./demo",
        "demo.go, go, go build -o demo demo.go && exec ./demo",
        "Demo.java, bash, exec \"$JAVA\" Demo.java"
    })
    void aClientHearsItsGroupBeforeAndAfterARestart(String file, String program, String command) {
        need(program);
        var recipe = clients();
        recipe.write(file);

        try (var client = recipe.run("JAVA='" + System.getProperty("java.home") + "/bin/java'; " + command)) {
            assertHearsAcrossARestart(recipe, "plain.yaml", "demo", client);
        }
    }

    @Test
    void aClientOverUdpHearsBeforeAndAfterARestart() {
        need("python3");
        var recipe = new Recipe("clients", folder).udp(6753);
        recipe.write("udp.yaml", "host-address: 127.0.0.1\ntransports: { udp: { port: " + recipe.port(6753) + " } }\n");
        // The page's client registers every 30 s: too long for a test.
        recipe.write("demo-udp.py", recipe.block("demo-udp.py").replace("monotonic() + 30", "monotonic() + 1"));

        try (var client = recipe.run("exec python3 demo-udp.py");
                var sender = UdpClient.to(at(recipe.port(6753)))) {
            for (var text : List.of("first", "second")) {
                try (var forwarder = recipe.forwarder("udp.yaml")) {
                    until(() -> sender.send(text), () -> client.out().soFar().contains(text));
                    forwarder.stop();
                }
            }
        }
    }

    @Test
    void aTokenIsMadeAndAdmits() {
        var recipe = clients();
        recipe.write("secret.txt", "0123456789abcdef0123456789abcdef\n");
        var secret = folder.resolve("secret.txt").toString();
        assertThat(recipe.run("chmod 600 secret.txt").exitCode()).isZero();
        recipe.write(
                "token.yaml",
                "host-address: 127.0.0.1\ntransports:\n  tcp:\n    port: 0\n"
                        + "    handshake: [address, token]\n    token-signing-secret-file: " + secret + "\n");

        var made = Launch.with("token", "--group", "demo", "--ttl", "24h", "--config", folder + "/token.yaml")
                .run();
        assertThat(made.exitCode()).as(made.errText()).isZero();

        try (var forwarder = recipe.forwarder("token.yaml");
                var client = TcpClient.connect(forwarder.tcp())) {
            var first = recipe.block("SOCKETFORWARDER-NEW:<token>:demo").strip();
            client.send(first.replace("<token>", made.outText().strip()) + "\n");
            forwarder.awaitJoined(client, "demo");
        }
    }

    @Test
    void certificatesAreMadeUsedAndRenewed() {
        need("openssl", "python3");
        var recipe = new Recipe("mtls", folder).tcp(6754);
        var commands = recipe.run("set -e\n" + recipe.block("openssl req -x509"));
        assertThat(commands.exitCode()).as(commands.out().toString()).isZero();
        recipe.write("mtls.yaml", recipe.block("# mtls.yaml").replaceAll("(server|ca)\\.(crt|key)", folder + "/$0"));
        var client = recipe.block("s_client");

        try (var forwarder = recipe.forwarder("mtls.yaml");
                var one = recipe.run(client);
                var other = recipe.run(client)) {
            until(() -> one.type("hello\n"), () -> other.out().soFar().contains("hello"));
            var renewal = recipe.run("set -e\n" + recipe.block("mv new.crt"));
            assertThat(renewal.exitCode()).as(renewal.out().toString()).isZero();
            forwarder.awaitLine("certificate");
            until(() -> one.type("again\n"), () -> other.out().soFar().contains("again"));
        }
    }

    @Test
    void aClientWithTlsHearsBeforeAndAfterARestart() {
        need("python3");
        var certificates = new Certificates(folder);
        certificates.issue("server", "127.0.0.1");
        certificates.authority(folder.resolve("ca.crt"));
        certificates.certificate("server", folder.resolve("server.crt"));
        certificates.key("server", folder.resolve("server.key"));
        var recipe = new Recipe("clients", folder).tcp(6754);
        recipe.write(
                "tls.yaml",
                "host-address: 127.0.0.1\ntransports:\n  tcp:\n    port: " + recipe.port(6754)
                        + "\n    tls: { certificate: " + folder + "/server.crt, key: " + folder + "/server.key }\n");
        // The test's certificate is for the address, the page's for the name.
        recipe.write("demo-tls.py", recipe.block("demo-tls.py").replace("\"localhost\"", "\"127.0.0.1\""));

        try (var client = recipe.run("exec python3 demo-tls.py");
                var first = recipe.forwarder("tls.yaml")) {
            assertHearsSecurely(first, certificates, client, "first");
            first.stop();
            try (var second = recipe.forwarder("tls.yaml")) {
                assertHearsSecurely(second, certificates, client, "second");
            }
        }
    }

    private static void assertHearsSecurely(
            Forwarder forwarder, Certificates certificates, Program client, String text) {
        try (var member = TcpClient.connectSecurely(forwarder.tcp(), certificates.context())) {
            member.join("demo");
            forwarder.awaitJoined(member, "demo");
            until(() -> member.send(text + "\n"), () -> client.out().soFar().contains(text));
        }
    }

    @Test
    void readersHearTheDeviceBehindTheBastion() {
        need("nc");
        var recipe = new Recipe("bastion", folder).tcp(6753).tcp(5000);
        recipe.write("bastion.yaml");
        var reader = recipe.block("nc 127.0.0.1")
                .lines()
                .filter(line -> line.contains("| nc"))
                .findFirst();

        try (var device = TcpServer.startAt("127.0.0.1", recipe.port(5000));
                var forwarder = recipe.forwarder("bastion.yaml");
                var client = recipe.run(reader.orElseThrow())) {
            var connected = device.accept();
            forwarder.awaitLine("(2 members)");
            until(() -> connected.send("measured\n"), () -> client.out().soFar().contains("measured"));
        }
    }

    @Test
    void gpsdAndALoggerHearAReceiver() {
        need("gpsd", "gpspipe", "nc");
        var recipe = new Recipe("nmea", folder).tcp(6753).udp(10110).udp(10111);
        recipe.write("nmea.yaml");
        int control = FreePorts.tcp("127.0.0.1");

        try (var gpsd = recipe.run("exec " + recipe.block("gpsd -N").replace("gpsd -N", "gpsd -S " + control + " -N"));
                var logger = recipe.run(recipe.block("nmea.log"));
                var watcher = recipe.run("until gpspipe -r 127.0.0.1:" + control + "; do sleep 0.2; done");
                var receiver = UdpClient.to(at(recipe.port(10110)))) {
            for (int start = 0; start < 2; start++) {
                recipe.write("nmea.log", "");
                int before = watcher.out()
                        .matching(line -> line.startsWith("$GPRMC"))
                        .size();
                try (var forwarder = recipe.forwarder("nmea.yaml")) {
                    until(
                            () -> receiver.send(fix(0)),
                            () -> recipe.read("nmea.log").contains(fix(0))
                                    && watcher.out()
                                                    .matching(line -> line.startsWith("$GPRMC"))
                                                    .size()
                                            > before);
                    forwarder.stop();
                }
            }
        }
    }

    @Test
    void beastFramesGoFromOneDump1090ToAnother() {
        need("dump1090-mutability", "nc", "xxd");
        var recipe = new Recipe("adsb", folder).tcp(6753).tcp(30005).tcp(30004);
        recipe.write("adsb.yaml");
        int feed = FreePorts.tcp("127.0.0.1");
        int shown = FreePorts.tcp("127.0.0.1");
        var quiet =
                "exec dump1090-mutability --net-only --net-ri-port 0 --net-http-port 0 --net-ro-interval 0 --net-bind-address"
                        + " 127.0.0.1 --quiet";

        try (var source = recipe.run(quiet + " --net-ro-port 0 --net-sbs-port 0 --net-bi-port " + feed
                        + " --net-bo-port " + recipe.port(30005));
                var consumer = recipe.run(quiet + " --net-sbs-port 0 --net-bo-port 0 --net-bi-port "
                        + recipe.port(30004) + " --net-ro-port " + shown);
                var forwarder = recipe.forwarder("adsb.yaml");
                var pipe = recipe.run(recipe.block("30004"));
                // An airborne position, as a Beast frame of type 3, again and again.
                var aircraft = recipe.run(
                        "while echo 1a33000000000000408D4840D6202CC371C32CE0576098 | xxd -r -p; do sleep 0.2; done"
                                + " | (until nc -z 127.0.0.1 " + feed + "; do sleep 0.1; done; exec nc 127.0.0.1 "
                                + feed + ")");
                var screen = recipe.run("until nc 127.0.0.1 " + shown + "; do sleep 0.2; done")) {
            screen.out().await(1, line -> line.contains("8D4840D6202CC371C32CE0576098"), "the frame", Forwarder.LIMIT);
        }
    }

    @Test
    void aRoverHearsTheBaseStationBeforeAndAfterARestart() {
        need("str2str", "socat", "xxd", "gpsdecode");
        var recipe = new Recipe("rtcm", folder).tcp(6753);
        recipe.write("rtcm.yaml");
        recipe.write("frame.hex", STATION_2003);
        var receiver = folder.resolve("receiver");
        // str2str looks for its serial ports in /dev.
        var base = recipe.block("serial://").replace("ttyACM0", ".." + receiver);

        try (var _ = new DeviceLink(receiver);
                var device = recipe.run("while xxd -r -p frame.hex; do sleep 0.2; done | exec socat -u STDIO PTY,link="
                        + receiver + ",raw,echo=0");
                var sender = recipe.run("until test -e " + receiver + "; do sleep 0.1; done; exec " + base);
                var rover = recipe.run("exec " + recipe.block("rtcm.bin"))) {
            for (var decoded : List.of("\"type\":1005,.*\"station_id\":2003", "\"type\":1029,.*\"station_id\":23")) {
                try (var forwarder = recipe.forwarder("rtcm.yaml")) {
                    until(() -> {}, () -> {
                        var frames = recipe.run("gpsdecode -j < rtcm.bin");
                        frames.exitCode();
                        return frames.out().toString().matches("(?s).*" + decoded + ".*");
                    });
                    forwarder.stop();
                }
                recipe.write("frame.hex", TEXT_OF_STATION_23);
            }
        }
    }

    @Test
    void groundStationsAndALoggerHearTheAutopilotBeforeAndAfterARestart() {
        need("nc");
        var recipe = new Recipe("mavlink", folder).udp(14550).tcp(5760);
        recipe.write("mavlink.yaml");

        try (var logger = recipe.run(recipe.block("flight.bin"));
                var autopilot = UdpClient.to(at(recipe.port(14550)));
                var station = UdpClient.to(at(recipe.port(14550)))) {
            for (int system : List.of(7, 8)) {
                int ofStation = system + 100;
                try (var forwarder = recipe.forwarder("mavlink.yaml")) {
                    until(
                            () -> {
                                station.send(Mavlink.heartbeat(ofStation));
                                autopilot.send(Mavlink.heartbeat(system));
                            },
                            () -> Mavlink.systems(recipe.bytes("flight.bin")).containsAll(List.of(system, ofStation)));
                    until(() -> {}, () -> Mavlink.systems(station.receive()).contains(system));
                    until(() -> {}, () -> Mavlink.systems(autopilot.receive()).contains(ofStation));
                    forwarder.stop();
                }
            }
        }
    }

    @Test
    void aSerialPortIsHeardBeforeAndAfterARestart() {
        need("socat", "systemd-analyze");
        var recipe = new Recipe("serial", folder).tcp(6753);
        recipe.write("tcp.yaml", "host-address: 127.0.0.1\ntransports: { tcp: { port: " + recipe.port(6753) + " } }\n");
        var device = folder.resolve("ttyUSB0");
        recipe.write("serial-gps.service", recipe.block("ExecStart="));
        var verified = recipe.run("systemd-analyze verify ./serial-gps.service");
        assertThat(verified.exitCode()).isZero();
        assertThat(verified.out().soFar()).isEmpty();
        var unit = recipe.block("ExecStart=").replace("/dev/ttyUSB0", device.toString());
        var command = unit.lines()
                .filter(line -> line.startsWith("ExecStart="))
                .findFirst()
                .orElseThrow();

        var query = nmea("EIGPQ,RMC");

        // The loop stands for systemd's Restart=always.
        try (var _ = new DeviceLink(device);
                var receiver = recipe.run("exec socat PTY,link=" + device + ",raw,echo=0 STDIO");
                var service =
                        recipe.run("while sleep 0.2; do " + command.substring("ExecStart=".length()) + "; done")) {
            for (int second = 0; second < 2; second++) {
                var fix = fix(second);
                try (var forwarder = recipe.forwarder("tcp.yaml");
                        var member = forwarder.join("gps")) {
                    forwarder.awaitLine("(2 members)");
                    receiver.type(fix);
                    member.expect(fix);
                    member.send(query);
                    receiver.out().await(second + 1, query.strip()::equals, query, Forwarder.LIMIT);
                    forwarder.stop();
                }
            }
        }
    }

    @Test
    void readersFollowALogBeforeAndAfterARestart() throws IOException {
        need("nc", "socat");
        var recipe = new Recipe("logs", folder).tcp(6753);
        recipe.write("logs.yaml");
        recipe.write("app.log", "");

        try (var program = recipe.run(recipe.block("app.log"));
                var reader = recipe.run(recipe.block("grep"))) {
            for (var text : List.of("ERROR first", "ERROR second")) {
                try (var forwarder = recipe.forwarder("logs.yaml");
                        var log = Files.newBufferedWriter(folder.resolve("app.log"))) {
                    forwarder.awaitLine("(2 members)");
                    until(
                            () -> write(log, text + "\n"),
                            () -> reader.out().soFar().contains(text));
                    forwarder.stop();
                }
            }
        }
    }

    private static void write(Writer log, String text) {
        try {
            log.write(text);
            log.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theForwarderCopiesDatagramsAsSamplicatorDoes() {
        var recipe = new Recipe("replacing", folder).udp(2055).udp(9995).udp(9996);
        recipe.write("samplicator.yaml");

        try (var forwarder = recipe.forwarder("samplicator.yaml");
                var one = UdpClient.from(at(recipe.port(9995)), forwarder.udp());
                var other = UdpClient.from(at(recipe.port(9996)), forwarder.udp());
                var sender = UdpClient.to(forwarder.udp())) {
            sender.send("flow");
            one.expect("flow");
            other.expect("flow");
        }
    }

    @Test
    void clientsOfNcatMeetAsAtItsBroker() {
        need("ncat");
        var recipe = new Recipe("replacing", folder).tcp(6753);
        recipe.write("broker.yaml");

        try (var forwarder = recipe.forwarder("broker.yaml");
                var one = recipe.run("exec ncat 127.0.0.1 " + recipe.port(6753));
                var other = recipe.run("exec ncat 127.0.0.1 " + recipe.port(6753))) {
            forwarder.awaitLine("(2 members)");
            one.type("hello\n");
            other.out().await(1, "hello"::equals, "hello", Forwarder.LIMIT);
        }
    }

    @Test
    void haproxyTellsWhereItsClientsComeFrom() {
        need("haproxy");
        var recipe = new Recipe("haproxy", folder).tcp(6753).tcp(6000);
        recipe.write("haproxy.cfg");
        recipe.write("behind-haproxy.yaml");

        try (var forwarder = recipe.forwarder("behind-haproxy.yaml");
                var haproxy = recipe.run("exec haproxy -db -f haproxy.cfg")) {
            until(
                    () -> {},
                    () -> Program.start(folder, "exec 3<>/dev/tcp/127.0.0.1/" + recipe.port(6000))
                                    .exitCode()
                            == 0);
            try (var one = TcpClient.connectFrom("127.0.0.5", at(recipe.port(6000)));
                    var other = TcpClient.connectFrom("127.0.0.6", at(recipe.port(6000)))) {
                one.join("g");
                forwarder.awaitJoined(one, "g");
                other.join("g");
                forwarder.awaitJoined(other, "g");
                one.send("hello");
                other.expect("hello");
            }
            assertThat(haproxy.out().toString()).doesNotContain("ALERT");
        }
    }

    @Test
    void manifestsHaveOnlyKnownFieldsAndASoundConfiguration() throws IOException {
        var schema = YAMLMapper.builder()
                .build()
                .readTree(Files.readString(Path.of("src/test/resources/recipes.schema.yaml")));
        var schemas = new JsonSchema(schema);
        var documents = documents(new Recipe("kubernetes", folder).block("# forwarder.yaml"));

        assertThat(documents).hasSize(4).allSatisfy(document -> {
            var kind = document.path("kind").asString();
            assertThat(schemas.faults(document, schema.path(kind), kind)).isEmpty();
            assertThat(Manifests.faults(document)).isEmpty();
        });
        for (var compose : documents(new Recipe("compose", folder).block("# compose.yaml"))) {
            assertThat(schemas.faults(compose, schema.path("Compose"), "compose.yaml"))
                    .isEmpty();
        }
        var secret = documents.get(1).path("stringData").path("token").asString();
        var checked = Launch.with("check")
                .yaml(documents
                        .getFirst()
                        .path("data")
                        .path("socketforwarder.yaml")
                        .asString())
                .env("SOCKETFORWARDER_ADMIN_TOKEN", secret)
                .run();
        assertThat(checked.exitCode()).as(checked.errText()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "readinessProbe, readynessProbe, readynessProbe",
        "containerPort: 6753, containerPort: five, five",
        "cpu: 100m, cpu: 100q, 100q",
        "matchLabels, matchLabel, matchLabel",
        "'selector:\n', 'selected:\n', selected",
        "apps/v1, apps/v1beta1, apps/v1beta1/Deployment"
    })
    void aMistakeInAManifestIsFound(String right, String wrong, String told) {
        var manifest = new Recipe("kubernetes", folder).block("# forwarder.yaml");
        assertThat(manifest).contains(right);

        assertThat(documents(manifest.replaceFirst(right, wrong)).stream()
                        .flatMap(document -> Manifests.faults(document).stream()))
                .singleElement()
                .asString()
                .contains(told);
    }

    /** {@return the documents of a YAML stream, in which no key may stand twice} */
    private static List<JsonNode> documents(String yaml) {
        var mapper = YAMLMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        return Stream.of(yaml.split("(?m)^---$")).map(mapper::readTree).toList();
    }

    static Stream<Path> pages() throws IOException {
        try (var files = Files.list(Recipe.PAGES)) {
            return files.filter(file -> file.toString().endsWith(".md")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void everyPageIsListedAndItsShellBlocksAreWellFormed(Path page) throws IOException {
        var name = page.getFileName().toString();
        if (!name.equals("README.md")) {
            assertThat(Files.readString(Recipe.PAGES.resolve("README.md"))).contains("[" + name + "](" + name + ")");
        }
        for (var block : Recipe.blocks(page)) {
            assertThat(block.language())
                    .as(block.text())
                    .isIn("", "sh", "bash", "yaml", "ini", "python", "js", "c", "go", "java");
            if (List.of("sh", "bash").contains(block.language())) {
                var script = Files.writeString(folder.resolve("block.sh"), block.text());
                var parsed = Program.start(folder, "bash -n " + script);
                assertThat(parsed.exitCode()).as(parsed.out().toString()).isZero();
            }
        }
    }
}
