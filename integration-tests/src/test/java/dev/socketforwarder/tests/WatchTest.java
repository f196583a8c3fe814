package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the commands that look at the running forwarder through its control socket, and the log of joins. */
@Timeout(120)
class WatchTest {
    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("control.sock");
    }

    private Launch onFreePorts() {
        return Launch.onFreePorts().env("SOCKETFORWARDER_CONTROL_SOCKET", socket().toString());
    }

    private Launch.Result run(String... arguments) {
        return Launch.with(arguments)
                .env("SOCKETFORWARDER_CONTROL_SOCKET", socket().toString())
                .run();
    }

    /** {@return the output of a command that succeeds} */
    private String told(String... arguments) {
        var result = run(arguments);
        assertThat(result.exitCode()).as(result.errText()).isZero();
        return result.outText();
    }

    @Test
    void statusTellsEndpointsMembersLimitsAndRefusals() {
        try (var forwarder = onFreePorts().start();
                var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry");
                var stranger = TcpClient.connect(forwarder.tcp())) {
            stranger.send("GET / HTTP/1.1\r\n\r\n").expectEnd();
            one.send("0123456789");
            other.expect("0123456789");

            forwarder.awaitLine(" ready");
            var status = told("status");

            assertThat(status)
                    .contains("running, up ", "connections 2 of ", "members 2", "queue memory 0 B of ")
                    .contains("tcp       tcp   127.0.0.1:" + forwarder.tcp().getPort())
                    .contains("wrong-prefix")
                    .contains("expected \"SOCKETFORWARDER-NEW:<group>\" and a line feed: \"GET / HTTP/1.1");
            assertThat(told("status", "--json"))
                    .contains("\"version\"", "\"configuration\" : null", "\"bytes-in\" : 10");
        }
    }

    @Test
    void membersAndGroupsAreListed() {
        try (var forwarder = onFreePorts().start();
                var one = forwarder.join("telemetry");
                var other = forwarder.join(" telemetri");
                var datagrams = UdpClient.to(forwarder.udp()).register()) {
            forwarder.awaitLine(datagrams.port() + " joined ");

            assertThat(told("members"))
                    .contains(one.shown(), other.shown(), "127.0.0.1:" + datagrams.port())
                    .contains("\"telemetry\"", "\" telemetri\"", "(endpoint udp)");
            assertThat(told("members", "telemetry")).contains(one.shown()).doesNotContain(other.shown());
            assertThat(told("groups")).contains("\"telemetry\"", "\" telemetri\"", "(endpoint udp)");
        }
    }

    @Test
    void aMemberThatDoesNotReadIsSeenWithWhoWaitsForIt() {
        try (var forwarder = onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "60s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g")) {
            forwarder.awaitJoined(slow, "g");
            Flood.start(sender, Noise.random(), 64 << 20);

            await().atMost(Forwarder.LIMIT).untilAsserted(() -> {
                var member = told("members", "g")
                        .lines()
                        .filter(line -> line.contains(slow.shown() + " "))
                        .findFirst()
                        .orElse("");
                assertThat(member)
                        .containsPattern("[0-9.]+ [KM]iB +[0-9.]+ [KM]iB +[0-9]+m?s, full "); // queued, kernel, slow
            });
            assertThat(told("members", "g")).containsPattern("paused by member [0-9]+");
            assertThat(told("status")).contains("Slow members:");
        }
    }

    @Test
    void explainTellsWhatHappenedToAnAddressAndAGroup() {
        try (var forwarder = onFreePorts().start();
                var one = forwarder.join("telemetry");
                var other = forwarder.join(" telemetri");
                var stranger = TcpClient.connect(forwarder.tcp())) {
            stranger.send("hello there\n").expectEnd();

            assertThat(told("explain", other.shown()))
                    .contains("joined \" telemetri\"", "nobody else is in that group")
                    .contains("similar names: \"telemetry\" (1 member)")
                    .doesNotContain("hello there");
            var port = stranger.shown().replaceFirst(".*:", "");
            assertThat(told("explain", "127.0.0.1"))
                    .contains("refused 127.0.0.1: wrong-prefix (port " + port + "), expected ")
                    .contains("hello there", "new-client-prefix");
            assertThat(told("explain", stranger.shown())).contains("hello there");
            one.leave();
            forwarder.awaitLeft(one, "peer-closed");
            assertThat(told("explain", "telemetry")).contains(one.shown() + " left \"telemetry\": peer-closed");
            var unknown = run("explain", "192.0.2.7");
            assertThat(unknown.exitCode()).isEqualTo(1);
            assertThat(unknown.err()).singleElement().asString().contains("nothing is known of \"192.0.2.7\"");
        }
    }

    @Test
    void topShowsTheStateAgainAndAgain() {
        try (var forwarder = onFreePorts().start();
                var one = forwarder.join("telemetry")) {
            var top = new Forwarder(
                    Launch.with("top")
                            .env("SOCKETFORWARDER_CONTROL_SOCKET", socket().toString())
                            .startProcess(),
                    List.of());
            try (top) {
                top.out().await(2, line -> line.contains("running, up "), "two screens", Forwarder.LIMIT);
                top.out().await(2, line -> line.startsWith("\"telemetry\""), "the group, twice", Forwarder.LIMIT);
            }
            one.leave();
        }
    }

    @Test
    void kickClosesOneMember() {
        try (var forwarder = onFreePorts().start();
                var one = forwarder.join("g");
                var other = forwarder.join("g")) {
            var id = Pattern.compile("(?m)^([0-9]+) +" + Pattern.quote(one.shown()) + " ");
            var matcher = id.matcher(told("members"));
            assertThat(matcher.find()).isTrue();

            assertThat(told("kick", matcher.group(1))).contains("is closed");

            one.expectEnd();
            forwarder.awaitLine("(tcp " + one.shown() + " in \"g\") is kicked by user ");
            forwarder.awaitLeft(one, "kicked");
            assertThat(told("members")).contains(other.shown()).doesNotContain(one.shown() + " ");
            assertThat(run("kick", "999999").errText()).contains("there is no member 999999");
            assertThat(run("kick", "all").exitCode()).isEqualTo(2);
        }
    }

    @Test
    void theSocketIsTheUsersAloneAndGoesWithTheProcess() throws IOException {
        try (var forwarder = onFreePorts().start()) {
            forwarder.awaitLine(" ready");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
            forwarder.signal("TERM");
            assertThat(forwarder.awaitExit()).isZero();
        }
        assertThat(socket()).doesNotExist();
        var result = run("status");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).singleElement().asString().contains("no forwarder", socket().toString());
    }

    @Test
    void aSocketThatAKilledProcessLeftIsToldApart() {
        try (var forwarder = onFreePorts().start()) {
            forwarder.signal("KILL");
            forwarder.awaitExit();
        }

        assertThat(run("status").errText()).contains("no forwarder answers", "nobody listens at " + socket());
        try (var again = onFreePorts().start()) {
            again.awaitLine(" ready");
            assertThat(told("status")).contains(":" + again.tcp().getPort());
        }
    }

    @Test
    void ofSeveralOnesTheConfigurationTellsWhichIsMeant() throws IOException {
        var first = Files.writeString(folder.resolve("first.yaml"), "{}");
        var second = Files.writeString(folder.resolve("second.yaml"), "{}");
        try (var one = inFolder(first);
                var other = inFolder(second)) {
            one.awaitLine(" ready");
            other.awaitLine(" ready");
            assertThat(inFolder("status").errText()).contains("several forwarders", "first.yaml", "second.yaml");
            assertThat(inFolder("status", "--config", second.toString()).outText())
                    .contains(":" + other.tcp().getPort())
                    .doesNotContain(":" + one.tcp().getPort());
        }
    }

    private Forwarder inFolder(Path file) {
        return Launch.onFreePorts()
                .env("RUNTIME_DIRECTORY", folder.toString())
                .arg("--config")
                .arg(file.toString())
                .start();
    }

    private Launch.Result inFolder(String... arguments) {
        return Launch.with(arguments)
                .env("RUNTIME_DIRECTORY", folder.toString())
                .run();
    }

    /** Asks through the socket that is its argument, and prints how many bytes the answer has. */
    private static final String ASK = """
            import java.nio.ByteBuffer;
            import java.nio.channels.SocketChannel;

            void main(String[] arguments) throws Exception {
                var address = java.net.UnixDomainSocketAddress.of(arguments[0]);
                try (var connection = SocketChannel.open(address)) {
                    connection.write(ByteBuffer.wrap("GET self?\\n".getBytes()));
                    IO.println(connection.read(ByteBuffer.allocate(100)));
                } catch (java.net.SocketException e) {
                    IO.println(e.getMessage());
                }
            }
            """;

    @Test
    void anotherUserIsNotAnswered() throws Exception {
        try (var forwarder = onFreePorts().start()) {
            // Even where the modes let that user connect, the kernel tells the process who it is.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
            Files.setPosixFilePermissions(socket(), PosixFilePermissions.fromString("rwxrwxrwx"));
            var source = Files.writeString(folder.resolve("Ask.java"), ASK);
            Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rw-r--r--"));
            var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
            var asking = new ProcessBuilder(
                            "setpriv",
                            "--reuid",
                            "nobody",
                            "--clear-groups",
                            java,
                            source.toString(),
                            socket().toString())
                    .directory(new File("/"))
                    .redirectErrorStream(true)
                    .start();
            Launch.endWithTests(asking);

            assertThat(asking.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            assertThat(new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .doesNotContain("{")
                    .containsAnyOf("-1", "Connection reset", "Broken pipe"); // closed after or before the request
            forwarder.awaitLine("control refused user nobody");
        }
    }

    @Test
    void withoutAPlaceForTheSocketItForwardsAllTheSame() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_CONTROL_SOCKET", "/proc/no/such/place")
                        .start();
                var one = forwarder.join("g");
                var other = forwarder.join("g")) {
            forwarder.awaitLine("no control socket");
            one.send("hello");
            other.expect("hello");
        }
    }

    @Test
    void joinsAndLeavesAreInTheLogWhereThatIsOn() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_DEBUG", "false")
                        .env("SOCKETFORWARDER_LOG_JOINS", "true")
                        .start();
                var one = forwarder.join("telemetry")) {
            forwarder.awaitLine("INFO  tcp " + one.shown() + " joined \"telemetry\" (1 member)");
            one.leave();
            forwarder.awaitLine("INFO  tcp " + one.shown() + " left \"telemetry\": peer-closed (0 members)");
            assertThat(forwarder.err().matching(line -> line.contains("pid "))).hasSize(1);
            assertThat(forwarder.err().matching(line -> line.endsWith("INFO  ready")))
                    .hasSize(1);
        }
    }
}
