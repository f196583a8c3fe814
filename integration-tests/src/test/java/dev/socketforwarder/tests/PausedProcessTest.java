package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests a process that is stopped for longer than a deadline, as on a suspended machine: what came in time still
 * counts.
 */
class PausedProcessTest {
    private static final Duration PAUSE = Duration.ofMillis(5_500); // longer than all deadlines here

    private Forwarder forwarder;

    @AfterEach
    void close() {
        if (forwarder != null) {
            forwarder.signal("CONT");
            forwarder.close();
        }
    }

    private Forwarder start(String yaml) {
        forwarder = Launch.with()
                .yaml("host-address: 127.0.0.1\ndebug: true\n" + yaml)
                .start();
        return forwarder;
    }

    /** Stop the process, let this arrive, and resume the process when every deadline is over. */
    private void pauseWhile(Runnable sends) {
        forwarder.signal("STOP");
        sends.run();
        try {
            Thread.sleep(PAUSE); // the fault itself
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        forwarder.signal("CONT");
    }

    @Test
    void theRestOfAFirstMessageCounts() {
        start("first-message: line\ntransports:\n  tcp: { port: 0, first-message-timeout: 5s }\n");
        try (var client = TcpClient.connect(forwarder.tcp())) {
            client.send("SOCKETFORWARDER-").awaitRead();
            pauseWhile(() -> client.send("NEW:g\n"));
            forwarder.awaitJoined(client, "g");
        }
    }

    @Test
    void theRestOfAProxysHeaderCounts() {
        start("transports:\n  tcp: { port: 0, first-message-timeout: 5s, proxy-protocol: [127.0.0.1] }\n");
        try (var client = TcpClient.connect(forwarder.tcp())) {
            client.send("PROXY TCP4 198.18.0.1 ").awaitRead();
            pauseWhile(() -> client.send("198.18.0.2 1000 2000\r\nSOCKETFORWARDER-NEW:g\n"));
            forwarder.awaitLine("198.18.0.1:1000 joined \"g\"");
        }
    }

    @Test
    void theClientsPartOfATlsHandshakeCounts(@TempDir Path folder) {
        var certificates = new Certificates(folder);
        certificates.issue("server");
        start("transports:\n  tcp: { port: 0, first-message-timeout: 5s, tls: { certificate: %s, key: %s } }\n"
                .formatted(
                        certificates.certificate("server", folder.resolve("tls.crt")),
                        certificates.key("server", folder.resolve("tls.key"))));
        try (var plain = TcpClient.connect(forwarder.tcp());
                var together = new Together()) {
            await().atMost(Forwarder.LIMIT).until(() -> forwarder.total("tcp", "accepted") == 1);
            pauseWhile(() -> together.start(() -> {
                var client = plain.secured(certificates.context()).join("g");
                forwarder.awaitJoined(client, "g");
            }));
            together.await();
        }
    }

    @Test
    void theRestOfAMessageCounts() {
        start("framing: line\nfirst-message: line\nmessage-timeout: 5s\ntransports:\n  tcp: { port: 0 }\n");
        try (var sender = forwarder.join("g");
                var receiver = forwarder.join("g")) {
            sender.send("half ").awaitRead();
            pauseWhile(() -> sender.send("a line\n"));
            receiver.expect("half a line\n");
        }
    }

    @Test
    void whoeverSentSomethingIsNotIdle() {
        start("transports:\n  tcp: { port: 0, idle-timeout: 5s }\n");
        try (var sender = forwarder.join("g");
                var receiver = forwarder.join("g")) {
            pauseWhile(() -> sender.send("alive"));
            receiver.expect("alive");
            sender.send("still");
            receiver.expect("still");
        }
    }

    @Test
    void whoeverReadWhatTheKernelHeldHasTakenSomething() {
        start("transports:\n  tcp: { port: 0, write-deadline: 5s, stall-timeout: 5s }\n");
        try (var slow = forwarder.join("g");
                var sender = forwarder.join("g")) {
            Flood.start(sender, Noise.random(), 1L << 40).awaitPaused();
            pauseWhile(() -> slow.receive(200_000));
            slow.receive(10_000_000);
            assertThat(forwarder.err().matching(line -> line.contains(" left ")))
                    .isEmpty();
        }
    }

    @Test
    void aDatagramBehindManyOthersRefreshesALease() {
        start("transports:\n  udp: { port: 0, lease: 5s }\n");
        try (var member = UdpClient.to(forwarder.udp());
                var other = UdpClient.to(forwarder.udp())) {
            member.register();
            forwarder.awaitLine(" joined the group of endpoint udp");
            pauseWhile(() -> {
                for (int i = 0; i < 1_000; i++) {
                    other.send("noise");
                }
                member.send("alive");
                other.send("behind");
            });
            for (int i = 0; i < 1_000; i++) {
                member.expect("noise");
            }
            member.expect("behind");
        }
    }
}
