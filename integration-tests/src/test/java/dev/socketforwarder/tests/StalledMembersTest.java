package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests members that read nothing, or nearly nothing, beside good ones: what that costs those, and the forwarder. */
class StalledMembersTest {
    private static final long GIBIBYTE = 1 << 30;
    private static final long SIZE = 30_000_000;

    @Test
    @Timeout(300) // two gibibytes through a machine that may be busy
    void aGibibyteReachesTheGoodOnesWholeBesideAStalledReader() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts().start();
                var stalled = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g");
                var one = forwarder.join("g");
                var other = forwarder.join("g");
                var together = new Together()) {
            forwarder.awaitJoined(stalled, "g");
            together.start(() -> Flood.expect(one, noise, 0, GIBIBYTE))
                    .start(() -> Flood.expect(other, noise, 0, GIBIBYTE));
            Flood.start(sender, noise, GIBIBYTE);
            together.await(Duration.ofMinutes(4));

            forwarder.awaitLeft(stalled, "stalled");
            one.send("the end");
            other.expect("the end");
        }
    }

    @Test
    @Timeout(300) // the kernel first takes about 1 MiB for each of them, which costs seconds of processor time
    void aThousandThatReadNothingCostNoThousandCopiesAndGoTogether() {
        var noise = Noise.random();
        var stalled = new ArrayList<TcpClient>();
        // A copy for each would be 1 GiB, 16 times what may be queued.
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_MAX_QUEUED", "64MiB")
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "3s")
                        .start();
                var sender = forwarder.join("g");
                var good = forwarder.join("g");
                var together = new Together()) {
            for (int i = 0; i < 1_000; i++) {
                stalled.add(TcpClient.connectSmall(forwarder.tcp()).join("g"));
            }
            forwarder.err().await(1_002, line -> line.contains(" joined \"g\" ("), "1,002 members", Forwarder.LIMIT);
            long before = forwarder.mostResidentBytes();
            together.start(() -> Flood.expect(good, noise, 0, SIZE));
            Flood.start(sender, noise, SIZE);
            together.await(Duration.ofMinutes(4));

            forwarder
                    .err()
                    .await(
                            1_000,
                            line -> line.contains(" left \"g\": stalled ("),
                            "1,000 stalled ones",
                            Forwarder.LIMIT);
            assertThat(forwarder.err().matching(line -> line.contains("out-of-queue")))
                    .isEmpty();
            assertThat(forwarder.mostResidentBytes() - before)
                    .as("resident bytes more")
                    .isLessThan(256 << 20);
        } finally {
            stalled.forEach(TcpClient::close);
        }
    }

    @Test
    void aMemberThatDrainsOneByteASecondIsClosedLikeOneThatDrainsNone() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "3s")
                        .start();
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g");
                var good = forwarder.join("g");
                var together = new Together()) {
            forwarder.awaitJoined(slow, "g");
            together.start(() -> Flood.expect(good, noise, 0, SIZE));
            together.start(() -> {
                var left = slow.shown() + " left ";
                for (int read = 0;
                        forwarder.err().matching(line -> line.contains(left)).isEmpty();
                        read++) {
                    Flood.expect(slow, noise, read, 1);
                    Thread.sleep(1_000); // the slow pace
                }
            });
            Flood.start(sender, noise, SIZE);
            together.await();
            forwarder.awaitLeft(slow, "stalled");
        }
    }

    @Test
    void aStalledMemberDelaysTheOthersOnceAndNoLongerThanItsTimeout() {
        var noise = Noise.random();
        var timeout = Duration.ofSeconds(8);
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", timeout.toSeconds() + "s")
                        // The kernel would take more from time to time, when other tests leave it memory.
                        .env("SOCKETFORWARDER_TCP_SEND_BUFFER", "64KiB")
                        .start();
                var stalled = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g");
                var good = forwarder.join("g")) {
            forwarder.awaitJoined(stalled, "g");
            Flood.start(sender, noise, SIZE);
            var pauses = new ArrayList<Duration>();
            int portion = 10_000;
            for (long at = 0; at < SIZE; at += portion) {
                long begin = System.nanoTime();
                Flood.expect(good, noise, at, portion);
                pauses.add(Duration.ofNanos(System.nanoTime() - begin));
            }

            forwarder.awaitLeft(stalled, "stalled");
            var delays = pauses.stream()
                    .filter(pause -> pause.compareTo(timeout.dividedBy(2)) > 0)
                    .toList();
            assertThat(delays).as("pauses of the good one").hasSize(1);
            assertThat(delays.getFirst()).isLessThan(timeout.plus(Duration.ofSeconds(10))); // the machine may be busy
        }
    }

    @Test
    void atARateThatItsQueueCanHoldAStalledMemberDelaysNobody() throws InterruptedException {
        var noise = Noise.random();
        int portion = 10_000;
        int portions = 80;
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "1s")
                        .start();
                var stalled = TcpClient.connectSmall(forwarder.tcp()).join("g");
                var sender = forwarder.join("g");
                var good = forwarder.join("g")) {
            forwarder.awaitJoined(stalled, "g");
            var longest = Duration.ZERO;
            for (int i = 0; i < portions; i++) {
                long begin = System.nanoTime();
                sender.send(noise.slice((long) i * portion, portion));
                Flood.expect(good, noise, (long) i * portion, portion);
                var took = Duration.ofNanos(System.nanoTime() - begin);
                longest = took.compareTo(longest) > 0 ? took : longest;
                Thread.sleep(50); // the rate: four stall-timeouts long
            }
            // If a sender had waited for it, it would have been closed after the stall-timeout; and it has not lost a
            // byte.
            assertThat(longest).as("the longest delay").isLessThan(Duration.ofSeconds(5));
            Flood.expect(stalled, noise, 0, (long) portions * portion);
            assertThat(forwarder.err().matching(line -> line.contains(" left ")))
                    .isEmpty();
        }
    }

    @Test
    void halfOfTheReceiversResetAmidTheFanOutAndTheOthersGetEverything() {
        var noise = Noise.random();
        var faithful = new ArrayList<TcpClient>();
        var resetting = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts().start();
                var sender = forwarder.join("g");
                var together = new Together()) {
            for (var clients : List.of(faithful, resetting)) {
                for (int i = 0; i < 20; i++) {
                    clients.add(forwarder.join("g"));
                }
            }
            long size = 4_000_000;
            faithful.forEach(client -> together.start(() -> Flood.expect(client, noise, 0, size)));
            for (int i = 0; i < resetting.size(); i++) {
                var client = resetting.get(i);
                long read = i * size / resetting.size();
                together.start(() -> {
                    Flood.expect(client, noise, 0, read);
                    client.reset();
                });
            }
            Flood.start(sender, noise, size);
            together.await();

            faithful.getFirst().send("still here");
            faithful.getLast().expect("still here");
            forwarder.err().await(20, line -> line.contains(" left \"g\": peer-reset ("), "20 resets", Forwarder.LIMIT);
        } finally {
            faithful.forEach(TcpClient::close);
            resetting.forEach(TcpClient::close);
        }
    }
}
