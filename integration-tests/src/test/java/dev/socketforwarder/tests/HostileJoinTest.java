package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests clients that never finish their first message, or break off within it. */
class HostileJoinTest {

    @Test
    void aThousandSlowLorisesDelayNobodyAndAreClosedInTime() {
        var lorises = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_TIMEOUT", "8s")
                        .start();
                var together = new Together()) {
            int before = forwarder.descriptors();
            for (int i = 0; i < 1_000; i++) {
                lorises.add(TcpClient.connect(forwarder.tcp()));
            }
            for (int part = 0; part < 10; part++) {
                var mine = lorises.subList(100 * part, 100 * (part + 1));
                together.start(() -> trickle(mine));
            }
            for (int i = 0; i < 20; i++) {
                long begin = System.nanoTime();
                try (var one = forwarder.join("g" + i);
                        var other = forwarder.join("g" + i)) {
                    one.send("hello");
                    other.expect("hello");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(6));
            }
            together.await();
            forwarder.awaitLine("first-message-timeout");
            // Each first message has its time once, however much of it trickles in.
            await("that all are closed")
                    .atMost(Forwarder.LIMIT)
                    .untilAsserted(() -> assertThat(forwarder.descriptors()).isLessThan(before + 100));
        } finally {
            lorises.forEach(TcpClient::close);
        }
    }

    /** Let each client send a byte of a first message again and again, until it is closed. */
    private static void trickle(List<TcpClient> clients) throws InterruptedException {
        var open = new ArrayList<>(clients);
        for (int at = 0; !open.isEmpty() && at < TcpClient.PREFIX.length(); at++) {
            var letter = TcpClient.PREFIX.substring(at, at + 1);
            open.removeIf(client -> {
                try {
                    client.send(letter);
                    return false;
                } catch (UncheckedIOException _) {
                    return true;
                }
            });
            Thread.sleep(500); // the slow pace
        }
    }

    @Test
    void resetsAnywhereInTheFirstMessageHurtNobody() {
        var message = TcpClient.PREFIX + "g\nsome data";
        try (var forwarder = Launch.onFreePorts().start();
                var one = forwarder.join("h");
                var other = forwarder.join("h")) {
            int before = forwarder.descriptors();
            for (int round = 0; round < 10; round++) {
                for (int length = 0; length <= message.length(); length++) {
                    var client = TcpClient.connect(forwarder.tcp());
                    client.send(message.substring(0, length));
                    client.reset();
                }
            }
            one.send("still here");
            other.expect("still here");
            await("that all are closed")
                    .atMost(Forwarder.LIMIT)
                    // One more than before may ask the kernel about slow peers.
                    .untilAsserted(() -> assertThat(forwarder.descriptors()).isLessThanOrEqualTo(before + 1));
            assertThat(forwarder.err().matching(line -> line.contains("ERROR") || line.contains("Exception")))
                    .isEmpty();
        }
    }
}
