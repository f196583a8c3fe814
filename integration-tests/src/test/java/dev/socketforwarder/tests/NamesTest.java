package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests a host whose name service takes questions and answers none. */
@Tag("network")
class NamesTest {
    private static final String KNOWN = "127.0.0.1 localhost\n";

    /** Twice the longest time between two look-ups. */
    private static final Duration FOLLOWED = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    private final Namespace host = Namespace.create();
    private final DatagramChannel nameService =
            host.make(() -> DatagramChannel.open().bind(new InetSocketAddress("127.0.0.77", 53)));

    private Path hosts;
    private Path resolver;

    @BeforeEach
    void write() throws IOException {
        hosts = Files.writeString(folder.resolve("hosts"), KNOWN);
        resolver = Files.writeString(folder.resolve("resolv.conf"), "nameserver 127.0.0.77\n");
    }

    @AfterEach
    void close() throws IOException {
        nameService.close();
        host.close();
    }

    private Forwarder start(String transports) {
        return Launch.with()
                .inside(host)
                .onMachine("nobody-knows-me")
                .withFile(hosts, "/etc/hosts")
                .withFile(resolver, "/etc/resolv.conf")
                .yaml("host-address: 127.0.0.1\ndebug: true\ntransports:\n" + transports)
                .start();
    }

    @Test
    void theStartAsksForNoName() throws IOException {
        try (var forwarder = start("  tcp: { port: 0, preconfig-addresses: [\"g:127.0.0.9:*\"] }\n"
                + "  udp: { port: 0, preconfig-addresses: [\"127.0.0.9:4000\"] }\n")) {
            nameService.configureBlocking(false);
            assertThat(nameService.receive(ByteBuffer.allocate(1_000))).isNull();
            assertThat(forwarder.err().soFar()).noneMatch(line -> line.startsWith("\tat ") || line.contains(" ERROR "));
        }
    }

    @Test
    void namesThatAreKnownLaterAreTakenUp() throws IOException {
        Files.writeString(resolver, "options timeout:1 attempts:1\nnameserver 127.0.0.77\n");
        try (var forwarder = start("  tcp: { port: 0, preconfig-addresses: [\"g:later-tcp.test:*\"] }\n"
                + "  udp: { port: 0, preconfig-addresses: [\"later-udp.test:4000\"] }\n")) {
            Files.writeString(hosts, KNOWN + "127.0.0.21 later-udp.test\n127.0.0.23 later-tcp.test\n");
            await().atMost(FOLLOWED)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> forwarder.err().soFar().stream()
                                    .filter(line -> line.contains(" now resolves to 127.0.0.23")
                                            || line.contains("127.0.0.21:4000 is a preconfigured member now"))
                                    .count()
                            == 2);
            try (var member = host.make(() -> TcpClient.connectFrom("127.0.0.23", forwarder.tcp()))) {
                forwarder.awaitJoined(member, "g");
            }
        }
    }

    @Test
    void namesThatHangDelayNoServerThatIsGivenByAddress() throws IOException {
        try (var server = host.make(() -> new ServerSocket(0, 5, new InetSocketAddress("127.0.0.1", 0).getAddress()))) {
            var names = IntStream.range(0, 150)
                    .mapToObj(i -> "{ group: n, to: \"name" + i + ".example:9\" }, ")
                    .collect(Collectors.joining());
            try (var _ = start("  tcp: { port: 0, connect: [ " + names + "{ group: g, to: \"127.0.0.1:"
                    + server.getLocalPort() + "\" } ] }\n")) {
                server.setSoTimeout(5_000); // a look-up takes 20 s here
                server.accept().close();
            }
        }
    }
}
