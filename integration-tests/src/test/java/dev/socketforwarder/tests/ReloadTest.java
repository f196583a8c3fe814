package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes the configuration of the image while it runs under load. */
class ReloadTest {
    private static final int RELOADS = 100;

    private static final String MORE_HOSTS = ", host-address: [127.0.0.1, 127.0.0.2] ";

    private static final String CONFIGURATION = """
            host-address: 127.0.0.1
            first-message: line
            join-reply: "#joined"
            %2$s
            groups:
              lines: { match: ["lines-*"], framing: line %3$s}
            transports:
              tcp: { port: 0 %4$s}
              tls: { type: tcp, port: 0, tls: { certificate: "%1$s/server.crt", key: "%1$s/server.key" } }
              udp: { port: 0 %5$s}
              %6$s
            """;

    @TempDir
    private Path folder;

    private Path file;
    private Certificates certificates;
    private Forwarder forwarder;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("forwarder.yaml");
        certificates = new Certificates(folder);
        certificates.issue("server");
        certificates.certificate("server", folder.resolve("server.crt"));
        var key = folder.resolve("server.key");
        certificates.key("server", key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        configure("", "", "", "", "");
        forwarder = Launch.with("--config", file.toString()).start();
        List.of("tcp", "tls", "udp").forEach(forwarder::address);
        forwarder.awaitLine("ready");
    }

    @AfterEach
    void close() {
        forwarder.close();
    }

    private void configure(String process, String lines, String tcp, String udp, String endpoint) {
        try {
            Files.writeString(file, CONFIGURATION.formatted(folder, process, lines, tcp, udp, endpoint));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long reloads() {
        return forwarder.err().matching(line -> line.contains("INFO  reloaded")).size();
    }

    private void reload() {
        long before = reloads();
        forwarder.signal("HUP");
        await().atMost(Forwarder.LIMIT).until(() -> reloads() > before);
    }

    private final class Loopback implements HonestTraffic.Access {
        @Override
        public TcpClient connect() {
            return TcpClient.connect(forwarder.tcp());
        }

        @Override
        public TcpClient connectFar() {
            return connect();
        }

        @Override
        public TcpClient connectSecurely() {
            return TcpClient.connectSecurely(forwarder.address("tls"), certificates.context());
        }

        @Override
        public UdpClient openUdp() {
            return UdpClient.to(forwarder.udp());
        }
    }

    @Test
    void aHundredReloadsUnderLoadLoseNothing() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var traffic = new HonestTraffic(new Loopback())) {
            traffic.begin();
            for (int i = 0; i < RELOADS; i++) {
                change(random);
                reload();
                traffic.admitNewcomers();
            }
            traffic.settle();
            assertThat(traffic.lost()).isZero();
            assertThat(traffic.checkedBytes()).isGreaterThan(1 << 20);
        }
        forwarder.stop();
        assertThat(forwarder.err().matching(line -> line.contains(" ERROR ") || line.contains("started again")))
                .isEmpty();
    }

    private void change(Random random) {
        configure(
                pick(random, "", "grace-period: 5s", "max-connections: 400", "max-groups: 1000", "log-joins: true"),
                pick(random, "", ", high-water: 2MiB ", ", max-group-members: 100 ", ", stall-timeout: 10s "),
                pick(
                        random,
                        "",
                        ", idle-timeout: 5m ",
                        ", deny: [192.0.2.1] ",
                        ", max-first-messages: 100 ",
                        MORE_HOSTS),
                pick(
                        random,
                        "",
                        ", deny: [192.0.2.1] ",
                        ", new-client-prefix: \"COME:\", lease: 1h ",
                        ", sender-rate: 1000000, max-registrations: 100 ",
                        ", leave-prefix: \"GO:\", registration-rate: 1000 ",
                        ", registration: auto, unreachable-threshold: 5 "),
                pick(random, "", "extra: { type: tcp, port: 0 }", "more: { type: udp, port: 0 }"));
    }

    private static String pick(Random random, String... some) {
        return some[random.nextInt(some.length)];
    }
}
