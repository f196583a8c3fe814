package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests members that read slowly but steadily: the kernel reports nothing for far longer than any deadline, and they
 * stay.
 */
class SlowMembersTest {
    private static final long MUCH = 1L << 40;
    private static final int PORTION = 2_048;
    private static final Duration WHILE = Duration.ofSeconds(12);

    /** Read this many KiB each second, with the kernel's receive buffer, for longer than four deadlines. */
    private static void readSlowly(TcpClient slow, int kibibytes) {
        long begunNs = System.nanoTime();
        long portionNs = 1_000_000_000L * PORTION / (kibibytes * 1024L);
        for (long read = 0; System.nanoTime() - begunNs < WHILE.toNanos(); read++) {
            slow.receive(PORTION);
            sleepUntil(begunNs + read * portionNs);
        }
    }

    private static void sleepUntil(long atNs) {
        try {
            Thread.sleep(Duration.ofNanos(Math.max(0, atNs - System.nanoTime()))); // the slow pace
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertNobodyLeft(Forwarder forwarder) {
        assertThat(forwarder.err().matching(line -> line.contains(" left "))).isEmpty();
    }

    /** The loopback's windows open by 64 KiB: at 10 KiB/s nothing is acknowledged for two stall-timeouts. */
    @ParameterizedTest
    @ValueSource(ints = {10, 30, 100})
    void othersWaitForWhoeverReadsMinDrainInEachStallTimeout(int kibibytes) {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "3s")
                        .start();
                var slow = forwarder.join("g");
                var sender = forwarder.join("g")) {
            Flood.start(sender, Noise.random(), MUCH);
            readSlowly(slow, kibibytes);
            assertNobodyLeft(forwarder);
        }
    }

    @Test
    void whoReadsLessIsClosedAndTheLineSaysWhy() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "2s")
                        .env("SOCKETFORWARDER_SEND_BUFFER", "64KiB")
                        .start();
                var slow = forwarder.join("g");
                var sender = forwarder.join("g")) {
            Flood.start(sender, Noise.random(), MUCH);
            forwarder.awaitLeft(slow, "stalled");
            assertThat(forwarder.awaitLine(" closed 127.0.0.1: stalled (port "))
                    .containsPattern(
                            "acknowledged [0-9]+ K?i?B in 2[0-9]*m?s \\(min-drain 16 KiB\\), [0-9.]+ [KM]iB unsent");
        }
    }

    @Test
    void theSameByTls(@TempDir Path folder) {
        var certificates = new Certificates(folder);
        certificates.issue("server");
        try (var forwarder = Launch.with()
                        .yaml("""
                host-address: 127.0.0.1
                debug: true
                stall-timeout: 3s
                transports:
                  tcp: { port: 0, tls: { certificate: %s, key: %s } }
                """.formatted(
                                        certificates.certificate("server", folder.resolve("tls.crt")),
                                        certificates.key("server", folder.resolve("tls.key"))))
                        .start();
                var slow = TcpClient.connectSecurely(forwarder.tcp(), certificates.context())
                        .join("g");
                var sender = TcpClient.connectSecurely(forwarder.tcp(), certificates.context())
                        .join("g")) {
            forwarder.awaitJoined(slow, "g");
            forwarder.awaitJoined(sender, "g");
            Flood.start(sender, Noise.random(), MUCH);
            readSlowly(slow, 20);
            assertNobodyLeft(forwarder);
        }
    }

    @Test
    void whoReadsWithinTheWriteDeadlineMissesMessagesAndStays() {
        try (var forwarder = dropping(Map.of("SOCKETFORWARDER_TCP_WRITE_DEADLINE", "3s"));
                var slow = forwarder.join("g");
                var silent = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g")) {
            forwarder.awaitJoined(silent, "g");
            sendLines(sender);
            readSlowly(slow, 10);
            forwarder.awaitLeft(silent, "write-deadline");
            assertThat(forwarder.awaitLine(" closed 127.0.0.1: write-deadline (port "))
                    .contains("acknowledged nothing in 3s, ");
            assertThat(forwarder.err().matching(line -> line.contains(" left ")))
                    .hasSize(1);
        }
    }

    @Test
    void whoReadsWhatTheKernelHoldsIsNotIdle() {
        try (var forwarder = dropping(Map.of("SOCKETFORWARDER_TCP_IDLE_TIMEOUT", "3s"));
                var slow = forwarder.join("g");
                var sender = forwarder.join("g")) {
            var line = ("x".repeat(1_023) + "\n").repeat(100);
            for (int i = 0; i < 20; i++) {
                sender.send(line); // 2 MB at once, and nothing more afterwards
            }
            readSlowly(slow, 20);
            var left = slow.shown() + " left ";
            assertThat(forwarder.err().matching(each -> each.contains(left))).isEmpty();
            forwarder.awaitLeft(sender, "idle");
        }
    }

    private static Forwarder dropping(Map<String, String> more) {
        return Launch.onFreePorts()
                .env("SOCKETFORWARDER_FIRST_MESSAGE", "line")
                .env("SOCKETFORWARDER_FRAMING", "line")
                .env("SOCKETFORWARDER_SLOW_MEMBER", "drop")
                .env(more)
                .start();
    }

    private static void sendLines(TcpClient sender) {
        var line = "x".repeat(1_023) + "\n";
        Thread.ofPlatform().daemon().start(() -> {
            try {
                while (true) {
                    sender.send(line);
                }
            } catch (RuntimeException _) {
                // The test is over.
            }
        });
    }

    @Test
    @Tag("network")
    void othersWaitForWhoeverIsBehindASlowLink() {
        try (var network = new Network()) {
            var narrow = network.link();
            network.forwarders()
                    .run("tc qdisc add dev " + narrow.device() + " root tbf rate 300kbit burst 10kb latency 1s");
            var wide = network.link();
            var forwarder = network.start("stall-timeout: 3s");
            var slow = narrow.connect().join("g");
            forwarder.awaitJoined(slow, "g");
            var sender = wide.connect().join("g");
            forwarder.awaitJoined(sender, "g");
            Flood.start(sender, Noise.random(), MUCH);
            long begunNs = System.nanoTime();
            while (System.nanoTime() - begunNs < WHILE.toNanos()) {
                slow.receive(PORTION); // as fast as the link allows
            }
            assertNobodyLeft(forwarder);
        }
    }
}
