package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tests members that do not read what they get. */
class TcpPacingTest {
    private static final long SIZE = 30_000_000;

    @Test
    void senderWaitsForAMemberThatStopsReadingAndThenEverythingArrives() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "30s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("pace");
                var sender = forwarder.join("pace");
                var fast = forwarder.join("pace");
                var apart = forwarder.join("apart");
                var alsoApart = forwarder.join("apart");
                var together = new Together()) {
            forwarder.awaitJoined(slow, "pace");
            together.start(() -> Flood.expect(fast, noise, 0, SIZE));
            var flood = Flood.start(sender, noise, SIZE);
            flood.awaitPaused();
            long held = flood.sent();
            forwarder.assertIdle();
            assertThat(flood.sent()).isEqualTo(held);

            // Other groups are not affected, and the full member itself may send.
            apart.send("other groups go on");
            alsoApart.expect("other groups go on");

            together.start(() -> Flood.expect(slow, noise, 0, SIZE));
            together.await();
            assertThat(flood.total()).isEqualTo(SIZE);
            slow.send("I am back");
            sender.expect("I am back");
            fast.expect("I am back");
        }
    }

    @Test
    void fullMemberMayStillSend() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "30s")
                        .start();
                var full = TcpClient.connectSmall(forwarder.tcp()).join("full-sends");
                var sender = forwarder.join("full-sends");
                var together = new Together()) {
            forwarder.awaitJoined(full, "full-sends");
            var flood = Flood.start(sender, noise, SIZE);
            flood.awaitPaused();
            full.send("I do not read, but I write");
            sender.expect("I do not read, but I write");
            together.start(() -> Flood.expect(full, noise, 0, SIZE)).await();
            assertThat(flood.total()).isEqualTo(SIZE);
        }
    }

    @Test
    void memberThatNeverReadsIsClosedAsStalledAndTheOthersGoOn() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts().start();
                var stalled = TcpClient.connectSmall(forwarder.tcp()).join("stall");
                var sender = forwarder.join("stall");
                var other = forwarder.join("stall");
                var together = new Together()) {
            forwarder.awaitJoined(stalled, "stall");
            together.start(() -> Flood.expect(other, noise, 0, SIZE));
            long begin = System.nanoTime();
            var flood = Flood.start(sender, noise, SIZE);
            flood.awaitPaused();
            forwarder.awaitLeft(stalled, "stalled");

            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(4_500), Duration.ofSeconds(15));
            together.await();
            assertThat(flood.total()).isEqualTo(SIZE);
            forwarder.assertIdle();
        }
    }

    @Test
    void severalStalledMembersCostTheTimeOfOne() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "2s")
                        .start();
                var sender = forwarder.join("stall");
                var other = forwarder.join("stall");
                var together = new Together()) {
            var stalled = new TcpClient[10];
            for (int i = 0; i < stalled.length; i++) {
                stalled[i] = TcpClient.connectSmall(forwarder.tcp()).join("stall");
                forwarder.awaitJoined(stalled[i], "stall");
            }
            long begin = System.nanoTime();
            together.start(() -> Flood.expect(other, noise, 0, SIZE));
            Flood.start(sender, noise, SIZE);
            together.await();
            // Ten in turn would take 20 s.
            assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(12));
            for (var client : stalled) {
                forwarder.awaitLeft(client, "stalled");
                client.close();
            }
        }
    }

    @Test
    void slowMemberThatKeepsReadingIsNotClosed() throws InterruptedException {
        var noise = Noise.random();
        int size = 6_000_000;
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "1s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("slow");
                var sender = forwarder.join("slow")) {
            forwarder.awaitJoined(slow, "slow");
            var flood = Flood.start(sender, noise, SIZE);
            // Far more than min-drain in each second, far less than the sender could send, for three stall-timeouts.
            long position = 0;
            long end = System.nanoTime() + 3_000_000_000L;
            while (System.nanoTime() < end) {
                Flood.expect(slow, noise, position, 100_000);
                position += 100_000;
                Thread.sleep(50); // the slow pace
            }
            assertThat(flood.isDone()).isFalse();
            Flood.expect(slow, noise, position, size);
            flood.stop();
            assertThat(forwarder.err().matching(line -> line.contains("stalled")))
                    .isEmpty();
        }
    }

    @Test
    void resetOfAPausedSenderLosesNothingThatHadArrived() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "30s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("paused-reset");
                var sender = forwarder.join("paused-reset")) {
            forwarder.awaitJoined(slow, "paused-reset");
            var flood = Flood.start(sender, noise, SIZE);
            flood.awaitPaused();
            long arrived = flood.sent() - KernelQueues.unacknowledged(sender.local(), sender.remote());
            sender.reset();
            forwarder.assertIdle();

            Flood.expect(slow, noise, 0, arrived);
            forwarder.awaitLeft(sender, "peer-reset");
        }
    }

    @Test
    void marksAreConfigurable() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_HIGH_WATER", "16MiB")
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "30s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("marks");
                var sender = forwarder.join("marks")) {
            forwarder.awaitJoined(slow, "marks");
            var flood = Flood.start(sender, noise, 60_000_000);
            flood.awaitPaused();
            assertThat(flood.sent()).isGreaterThan(16 << 20);
            flood.stop();
            long read = 0;
            while (!flood.isDone()) {
                Flood.expect(slow, noise, read, 65_536);
                read += 65_536;
            }
            Flood.expect(slow, noise, read, flood.total() - read);
        }
    }
}
