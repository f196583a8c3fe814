package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests servers that the forwarder connects to, on the assembled image. */
class DialTest {
    @TempDir
    private Path folder;

    /** {@return a forwarder with these elements of {@code connect} in its settings} */
    private static Launch connecting(String elements) {
        return Launch.with().yaml("""
                host-address: 127.0.0.1
                debug: true
                transports:
                  tcp: { port: 0, connect: [%s] }
                """.formatted(elements));
    }

    private static Launch connecting(TcpServer server) {
        return connecting("{ group: g, to: \"" + server.to() + "\" }");
    }

    /** Assert that both are members. The first may still be joining; it is a member once its bytes arrive. */
    private static void assertBothWays(TcpClient one, TcpClient other) {
        one.send("to the other");
        other.expect("to the other");
        other.send("and back");
        one.expect("and back");
    }

    @Test
    void aServerGetsTheFirstMessageAndIsAMember() {
        try (var server = TcpServer.start();
                var forwarder = connecting("{ group: g, to: \"" + server.to() + "\", send: \"watch me\\n\" }")
                        .start();
                var client = forwarder.join("g")) {
            var connection = server.accept().expect("watch me\n");
            forwarder.awaitLine("tcp connected to " + server.to());
            assertBothWays(connection, client);
        }
    }

    @Test
    void aServerThatRestartsIsAMemberAgainAndOneLineTellsEach() {
        try (var server = TcpServer.start();
                var forwarder = connecting(server).start();
                var client = forwarder.join("g")) {
            assertBothWays(server.accept(), client);
            server.goDown();
            forwarder.awaitLine("tcp lost " + server.to() + ": peer-closed");
            forwarder.awaitLine("tcp cannot reach " + server.to() + ": connect-failed");
            server.comeUp();
            var connection = server.accept();
            forwarder
                    .err()
                    .await(
                            2,
                            line -> line.contains("tcp connected to " + server.to()),
                            "a second time",
                            Forwarder.LIMIT);
            assertBothWays(connection, client);
            assertThat(forwarder.err().matching(line -> line.contains("tcp lost")))
                    .hasSize(1);
            assertThat(forwarder.err().matching(line -> line.contains("cannot reach")))
                    .hasSize(1);
        }
    }

    @Test
    void aServerThatIsNotThereIsNoFailureOfTheStart() {
        try (var server = TcpServer.start()) {
            server.goDown();
            try (var forwarder = connecting(server).start();
                    var one = forwarder.join("g");
                    var other = forwarder.join("g")) {
                forwarder.awaitLine("tcp cannot reach " + server.to() + ": connect-failed");
                assertBothWays(one, other);
                server.comeUp();
                assertBothWays(server.accept(), one);
            }
        }
    }

    /** {@return a forwarder for which {@code device.example} has these addresses at each look-up} */
    private static Launch withHosts(Launch launch, Path hosts) {
        return launch.env("JDK_JAVA_OPTIONS", "-Djdk.net.hosts.file=" + hosts + " -Dsun.net.inetaddr.ttl=0");
    }

    private static void writeHosts(Path file, String... addresses) throws IOException {
        // Atomically, since it is read at any time.
        var text = String.join(" device.example\n", addresses) + " device.example\n127.0.0.1 localhost\n";
        Files.move(Files.writeString(file.resolveSibling("new"), text), file, StandardCopyOption.ATOMIC_MOVE);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.77, 127.0.0.78, 127.0.0.77",
        "127.0.0.77, 127.0.0.78, 127.0.0.78",
        "127.0.0.77, ::1, 127.0.0.77",
        "127.0.0.77, ::1, ::1"
    })
    void allAddressesOfANameAreTried(String one, String other, String listening) throws IOException {
        if (other.equals("::1")) {
            Ipv6.require();
        }
        var hosts = folder.resolve("hosts");
        writeHosts(hosts, one, other);
        try (var server = TcpServer.startAt(listening, 0);
                var forwarder = withHosts(
                                connecting("{ group: g, to: \"device.example:" + server.port() + "\" }"), hosts)
                        .start();
                var client = forwarder.join("g")) {
            assertBothWays(server.accept(), client);
            forwarder.awaitLine("tcp connected to device.example:" + server.port() + " at ");
        }
    }

    @Test
    void anAddressThatEndsItsConnectionsDoesNotKeepTheForwarderFromTheOthers() throws IOException {
        var hosts = folder.resolve("hosts");
        writeHosts(hosts, "127.0.0.77", "127.0.0.78");
        try (var bad = TcpServer.start();
                var good = TcpServer.startAt("127.0.0.78", bad.port());
                var forwarder = withHosts(connecting("{ group: g, to: \"device.example:" + bad.port() + "\" }"), hosts)
                        .start();
                var client = forwarder.join("g")) {
            bad.accept().close();
            assertBothWays(good.accept(), client);
        }
    }

    @Test
    void theNameIsLookedUpAgain() throws IOException {
        var hosts = folder.resolve("hosts");
        writeHosts(hosts, "127.0.0.77");
        try (var server = TcpServer.start();
                var elsewhere = TcpServer.startAt("127.0.0.78", server.port());
                var forwarder = withHosts(
                                connecting("{ group: g, to: \"device.example:" + server.port() + "\" }"), hosts)
                        .start();
                var client = forwarder.join("g")) {
            assertBothWays(server.accept(), client);
            writeHosts(hosts, "127.0.0.78");
            server.goDown();
            assertBothWays(elsewhere.accept(), client);
        }
    }

    @Test
    void forwardersAreChained() {
        try (var second = Launch.onFreePorts().start();
                var first = connecting("{ group: here, to: \"127.0.0.1:"
                                + second.tcp().getPort() + "\", send: \"" + TcpClient.PREFIX + "there\\n\" }")
                        .start();
                var one = first.join("here");
                var other = second.join("there")) {
            second.err()
                    .await(
                            2,
                            line -> line.contains(" joined \"there\" ("),
                            "the forwarder as a member",
                            Forwarder.LIMIT);
            first.err().await(2, line -> line.contains(" joined \"here\" ("), "the other as a member", Forwarder.LIMIT);
            assertBothWays(one, other);
        }
    }

    /** A forwarder with a certificate for 127.0.0.1. */
    private Launch withCertificate(Certificates certificates) {
        certificates.issue("server");
        return Launch.with().yaml("""
                host-address: 127.0.0.1
                debug: true
                transports:
                  tcp: { port: 0, tls: { certificate: %s, key: %s } }
                """.formatted(
                        certificates.certificate("server", folder.resolve("tls.crt")),
                        certificates.key("server", folder.resolve("tls.key"))));
    }

    @Test
    void forwardersAreChainedByTls() {
        var certificates = new Certificates(folder);
        var ca = certificates.authority(folder.resolve("ca.crt"));
        try (var second = withCertificate(certificates).start();
                var first = connecting("{ group: here, to: \"127.0.0.1:"
                                + second.tcp().getPort() + "\", send: \"" + TcpClient.PREFIX + "there\\n\" }")
                        .env("SOCKETFORWARDER_TCP_CONNECT_1_TLS_CA", ca.toString())
                        .start();
                var one = first.join("here");
                var other = TcpClient.connectSecurely(second.tcp(), certificates.context())
                        .join("there")) {
            second.err()
                    .await(
                            2,
                            line -> line.contains(" joined \"there\" ("),
                            "the forwarder as a member",
                            Forwarder.LIMIT);
            first.err().await(2, line -> line.contains(" joined \"here\" ("), "the other as a member", Forwarder.LIMIT);
            assertBothWays(one, other);
        }
    }

    @Test
    void aCertificateForAnotherNameIsToldInOneLine() {
        var certificates = new Certificates(folder);
        var ca = certificates.authority(folder.resolve("ca.crt"));
        try (var second = withCertificate(certificates).start()) {
            var to = "127.0.0.1:" + second.tcp().getPort();
            var tls = "tls: { server-name: other.example, ca: " + ca + " }";
            try (var first = connecting("{ group: here, to: \"" + to + "\", " + tls + " }")
                    .start()) {
                first.awaitLine("tcp cannot reach " + to + ": connect-failed, " + to
                        + ": the server's certificate is refused: ");
                second.awaitLine("tls-handshake-failed");
            }
        }
    }

    @Test
    void aServerThatEndsEachConnectionAtOnceCostsNothing() {
        long begin = System.nanoTime();
        try (var server = TcpServer.start();
                var forwarder = connecting(server).start();
                var ending = new Together()) {
            ending.start(() -> {
                while (true) {
                    server.accept().close();
                }
            });
            forwarder.err().await(4, line -> line.contains("tcp connected to"), "a fourth time", Forwarder.LIMIT);
            forwarder.assertIdle();
            int times = forwarder
                    .err()
                    .matching(line -> line.contains("tcp connected to"))
                    .size();
            // Each pause between two attempts is at least half of 500 ms, 1 s, 2 s and so on.
            var least = Duration.ofMillis(250L * ((1L << Math.min(times - 1, 6)) - 1));
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isGreaterThan(least);
        }
    }

    @Test
    void theStopFlushesAServerAndEndsItInGoodOrder() {
        try (var server = TcpServer.start();
                var forwarder = connecting(server).start();
                var client = forwarder.join("g")) {
            var connection = server.accept();
            forwarder.awaitLine("tcp connected to");
            forwarder.awaitLine(line -> line.contains(server.to() + " joined \"g\""), "the server joined g");
            client.send("last words");
            client.awaitRead();
            forwarder.signal("TERM");
            connection.expect("last words").expectEnd();
            client.expectEnd();
            connection.leave();
            client.leave();
            assertThat(forwarder.awaitExit(Duration.ofSeconds(5))).isZero();
            forwarder.awaitLine("everything was delivered");
        }
    }

    @Test
    void theStopDoesNotWaitForAServerThatIsNotThere() {
        try (var server = TcpServer.start()) {
            server.goDown();
            try (var forwarder = connecting(server).start()) {
                forwarder.awaitLine("tcp cannot reach");
                forwarder.signal("TERM");
                assertThat(forwarder.awaitExit(Duration.ofSeconds(5))).isZero();
            }
        }
    }

    @Test
    void anEndpointThatOnlyConnectsNeedsNoPort() {
        try (var server = TcpServer.start()) {
            var launch = Launch.with()
                    .env("SOCKETFORWARDER_DEVICE_TYPE", "tcp")
                    .env("SOCKETFORWARDER_DEVICE_CONNECT_1_GROUP", "g")
                    .env("SOCKETFORWARDER_DEVICE_CONNECT_1_TO", server.to())
                    .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                    .env("SOCKETFORWARDER_DEBUG", "true")
                    .env("SOCKETFORWARDER_TCP_PORT", "0");
            try (var forwarder = launch.start();
                    var client = forwarder.join("g")) {
                assertBothWays(server.accept(), client);
                forwarder.awaitLine("device connected to " + server.to());
                assertThat(forwarder.err().matching(line -> line.contains("device listening")))
                        .isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "to: \"h:1\"                          | .yaml:4: transports.tcp.connect.1.group is \"\", but must be a group id",
                "group: g                             | .yaml:4: transports.tcp.connect.1.to is \"\", but must be host:port",
                "group: g, to: \"h:0\"                | .yaml:4: transports.tcp.connect.1.to is \"********\", but must be host:port",
                "group: g, to: \"::1:80\"             | .yaml:4: transports.tcp.connect.1.to is \"********\", but must be host:port",
                "group: g, to: \"h:1\", sent: x       | .yaml:4: transports.tcp.connect.1.sent is unknown; did you mean transports.tcp.connect.1.send?",
                "group: g, to: \"h:1\", tls: true     | .yaml:4: transports.tcp.connect.1.tls is a text, but must be a map",
                "group: g, to: \"h:1\", tls: {cs: x}  | .yaml:4: transports.tcp.connect.1.tls.cs is unknown; did you mean transports.tcp.connect.1.tls.ca?",
                "group: g, to: \"h:1\", send: [x]     | .yaml:4: transports.tcp.connect.1.send is a list, but must be a text",
            })
    void checkTellsWhatIsWrongInOneLine(String element, String message) {
        var result = Launch.with("check").yaml("""
                host-address: 127.0.0.1
                transports:
                  tcp:
                    connect: [{ %s }]
                """.formatted(element)).run();
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).as(result.errText()).hasSize(1);
        assertThat(result.errText()).contains(message);
    }
}
