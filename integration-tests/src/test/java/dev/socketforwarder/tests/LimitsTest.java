package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests limits and admission on the assembled image. */
class LimitsTest {
    private static final String SECRET = "a-secret-that-nobody-may-see";

    @TempDir
    private Path folder;

    @Test
    void theDescriptorLimitLessAReserveIsTheDefaultOfConnections() {
        var config = Launch.with("config", "1", "1").descriptors(200).run();
        assertThat(config.outText()).containsPattern("(?m)^max-connections: 136 ");

        var clients = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts()
                .env("SOCKETFORWARDER_TCP_MAX_CONNECTIONS_PER_ADDRESS", "0")
                .descriptors(200)
                .start()) {
            for (int i = 0; i < 136; i++) {
                clients.add(forwarder.join("g"));
            }
            try (var tooMany = TcpClient.connect(forwarder.tcp())) {
                assertThat(tooMany.timeUntilClosed()).isLessThan(Duration.ofSeconds(1));
            }
            forwarder.awaitLine("too-many-connections");
            clients.getFirst().leave();
            forwarder.awaitLeft(clients.getFirst(), "peer-closed");
            clients.add(forwarder.join("g"));
        } finally {
            clients.forEach(TcpClient::close);
        }
    }

    @Test
    void atTheDescriptorLimitTrafficFlowsOnAndAcceptingResumes() {
        var clients = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts()
                .env("SOCKETFORWARDER_MAX_CONNECTIONS", "100000")
                .descriptors(200)
                .start()) {
            var ann = forwarder.join("g");
            var bob = forwarder.join("g");
            clients.addAll(List.of(ann, bob));
            var waiting = fill(forwarder, clients);

            ann.send("still here");
            bob.expect("still here");
            forwarder.assertIdle();

            clients.get(5).close();
            long begin = System.nanoTime();
            forwarder.awaitJoined(waiting, "others");
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(1));
            bob.send("and here");
            ann.expect("and here");
        } finally {
            clients.forEach(TcpClient::close);
        }
    }

    /** {@return the first client that is not accepted, after connecting as many as possible} */
    private static TcpClient fill(Forwarder forwarder, List<TcpClient> clients) {
        while (true) {
            assertThat(clients).hasSizeLessThan(200);
            var client = TcpClient.connect(forwarder.tcp()).join("others");
            clients.add(client);
            var joined = client.shown() + " joined \"others\"";
            var line = forwarder.awaitLine(said -> said.contains(joined) || said.contains("accept-failed"), joined);
            if (line.contains("accept-failed")) {
                return client;
            }
        }
    }

    @Test
    void groupsAndTheirMembersAreLimited() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_MAX_GROUPS", "1")
                        .env("SOCKETFORWARDER_MAX_GROUP_MEMBERS", "2")
                        .start();
                var first = forwarder.join("g");
                var second = forwarder.join("g")) {
            try (var tooMany = TcpClient.connect(forwarder.tcp()).join("g")) {
                tooMany.expectClosed();
                forwarder.awaitLine("too-many-members");
            }
            try (var tooMany = TcpClient.connect(forwarder.tcp()).join("h")) {
                tooMany.expectClosed();
                forwarder.awaitLine("too-many-groups");
            }
            first.send("hello");
            second.expect("hello");
            first.leave();
            second.leave();
            forwarder.awaitLeft(first, "peer-closed");
            forwarder.awaitLeft(second, "peer-closed");
            forwarder.join("h").close();
        }
    }

    @Test
    void whatAGroupSaysGoesBeforeWhatItsEndpointDoes() {
        var yaml = """
                max-group-members: 5
                first-message: line
                transports: { tcp: { join-reply: hello } }
                groups:
                  small: { max-group-members: 1, join-reply: only you }
                  binary: { framing: length-prefixed, length-width: 2, member-rate: 10KiB }
                """;
        try (var forwarder = Launch.onFreePorts().yaml(yaml).start();
                var ann = forwarder.join("g").expect("hello\n");
                var bob = forwarder.join("g").expect("hello\n");
                var cem = forwarder.join("binary").expect("\0\5hello");
                var dot = forwarder.join("binary").expect("\0\5hello");
                var eve = forwarder.join("small").expect("only you\n");
                var tooMany = TcpClient.connect(forwarder.tcp()).join("small")) {
            tooMany.expectClosed();
            forwarder.awaitLine("too-many-members");
            ann.send("hi");
            bob.expect("hi");
            cem.send("\0\1x");
            dot.expect("\0\1x");
            eve.send("nobody hears this");
        }
    }

    @Test
    void tokensLetInAndAreNowhereShown() throws IOException {
        var file = Files.writeString(folder.resolve("secret"), SECRET + "\n");
        var yaml = """
                host-address: 127.0.0.1
                debug: true
                token-signing-secret-file: %s
                transports:
                  tcp: { port: 0, handshake: [address, token], join-reply: welcome }
                  udp: { port: 0, handshake: [token] }
                """.formatted(file);
        var forGroup =
                Launch.with("token", "--group", "g", "--ttl", "1h").yaml(yaml).run();
        assertThat(forGroup.exitCode()).as(forGroup.errText()).isZero();
        var token = forGroup.out().getFirst();
        var forUdp =
                Launch.with("token", "--endpoint", "udp").yaml(yaml).run().out().getFirst();
        assertThat(Launch.with("config").yaml(yaml).run().outText())
                .contains("token")
                .doesNotContain(SECRET);

        try (var forwarder = Launch.with().yaml(yaml).start();
                var ann = TcpClient.connect(forwarder.tcp());
                var bob = TcpClient.connect(forwarder.tcp());
                var eve = TcpClient.connect(forwarder.tcp());
                var sensor = UdpClient.to(forwarder.udp());
                var spy = UdpClient.to(forwarder.udp())) {
            ann.join(token + ":g").expect("welcome\n");
            bob.join(token + ":g").expect("welcome\n");
            ann.send("hello");
            bob.expect("hello");
            eve.join(token + ":other").expectClosed();
            forwarder.awaitLine(line -> line.contains("tcp refused") && line.contains("bad-token"), "bad-token");
            sensor.send(TcpClient.PREFIX + forUdp + ":");
            spy.send(TcpClient.PREFIX + token + ":");
            forwarder.awaitLine(line -> line.contains("udp refused") && line.contains("bad-token"), "bad-token");
            spy.send("data");
            sensor.expect("data");
            assertThat(forwarder.err().toString()).doesNotContain(token.substring(0, 12), forUdp.substring(0, 12));
        }
    }

    @Test
    void aProxysClientIsTheOneThatIsLoggedAndRefused() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_PROXY_PROTOCOL", "127.0.0.2")
                        .env("SOCKETFORWARDER_DENY", "203.0.113.8")
                        .start();
                var denied = TcpClient.connectFrom("127.0.0.2", forwarder.tcp());
                var client = TcpClient.connectFrom("127.0.0.2", forwarder.tcp());
                var direct = forwarder.join("g")) {
            denied.send("PROXY TCP4 203.0.113.8 127.0.0.1 1 2\r\n").expectClosed();
            forwarder.awaitLine("tcp refused 203.0.113.8: denied-address");
            client.send("PROXY TCP4 203.0.113.7 127.0.0.1 4711 2\r\n").join("g");
            forwarder.awaitLine("203.0.113.7:4711 joined \"g\"");
            client.send("hello");
            direct.expect("hello");
        }
    }
}
