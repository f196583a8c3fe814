package dev.socketforwarder.runtime.streams.member;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.streams.loop.RateLimit;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MemberLimitsTest {
    private static final int RATE = 200_000;
    /** Half of this many bytes is more than kernels hold for one connection. */
    private static final int MUCH = 6_000_000;

    @Test
    void anIdleMemberIsClosed() throws IOException {
        try (var server = new TestServer(Map.of("idle-timeout", Duration.ofMillis(200)))) {
            long begin = System.nanoTime();
            server.join("g").awaitEnd();
            assertThat(System.nanoTime() - begin).isGreaterThan(200_000_000);
            server.awaitOnce(Reason.IDLE);
            server.awaitNoConnections();
        }
    }

    @Test
    void aMemberThatOnlyReceivesIsNotIdle() throws IOException {
        try (var server = new TestServer(Map.of("idle-timeout", Duration.ofMillis(400)))) {
            var receiver = server.join("g");
            var sender = server.join("g");
            var other = server.join("other");
            long endNs = System.nanoTime() + 1_000_000_000;
            while (System.nanoTime() < endNs) {
                sender.send("x");
                assertThat(receiver.readText(1)).isEqualTo("x");
            }
            other.awaitEnd();
            server.awaitOnce(Reason.IDLE);
        }
    }

    @Test
    void aMemberThatTakesNothingIsClosedAtTheWriteDeadline() throws IOException {
        try (var server = new TestServer(Map.of("write-deadline", Duration.ofMillis(300)))) {
            var slow = server.joinSlow("g");
            var sender = server.join("g");
            var flood = sender.sendLater(new byte[8_000_000]);
            flood.join();
            server.awaitOnce(Reason.WRITE_DEADLINE);
            slow.awaitClosed();
            assertThat(server.count(Reason.STALLED)).isZero();
        }
    }

    @Test
    void aMemberIsReadNoFasterThanItsRate() throws IOException {
        try (var server = new TestServer(Map.of("member-rate", (long) RATE))) {
            var receiver = server.join("g");
            var sender = server.join("g");
            var sent = bytes(RATE);
            long begin = System.nanoTime();
            sender.sendLater(sent);
            assertThat(receiver.read(RATE)).isEqualTo(sent);
            assertThat(System.nanoTime() - begin).isBetween(700_000_000L, 1_500_000_000L);
            assertThat(server.count(Counter.THROTTLED)).isBetween(2L, 40L);
        }
    }

    @Test
    void aGroupIsReadNoFasterThanItsRateAndEachOfItsSendersInTurn() throws IOException {
        try (var server = new TestServer(Map.of("group-rate", (long) RATE))) {
            var receiver = server.join("g");
            var senders = List.of(server.join("g"), server.join("g"), server.join("g"));
            var fast = server.join("other");
            var fastReceiver = server.join("other");
            for (int i = 0; i < senders.size(); i++) {
                var sent = new byte[RATE];
                Arrays.fill(sent, (byte) i);
                senders.get(i).sendLater(sent);
            }
            long begin = System.nanoTime();
            var counts = new int[senders.size()];
            for (var each : receiver.read(RATE * 3 / 2)) {
                counts[each]++;
            }
            assertThat(System.nanoTime() - begin).isBetween(1_000_000_000L, 2_500_000_000L);
            assertThat(Arrays.stream(counts).min().orElseThrow()).isGreaterThan(RATE / 4);
            // Another group has a rate of its own.
            fast.send("hello");
            assertThat(fastReceiver.readText(5)).isEqualTo("hello");
        }
    }

    /**
     * A full member pauses the senders, and so do their rates. Neither ends the pause of the other, and nothing is
     * lost.
     */
    @Test
    void pacingAndRatesDoNotUndoEachOther() throws IOException {
        var limits = new FlowLimits(32_768, 8_192, 1, Duration.ofSeconds(10));
        try (var server = new TestServer(Map.of("member-rate", 8_000_000L, "group-rate", 12_000_000L), limits)) {
            var slow = server.joinSlow("g");
            var sent = List.of(bytes(MUCH), bytes(MUCH));
            var senders = List.of(server.join("g"), server.join("g"));
            senders.get(0).sendLater(sent.get(0));
            senders.get(1).sendLater(sent.get(1));
            // The member that reads nothing holds the group up, whether there are tokens or not.
            awaitNoReads(server);
            long readSoFar = server.count(Counter.BYTES_IN);
            assertThat(readSoFar).isLessThan(2 * MUCH);
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(50);
            assertThat(server.count(Counter.BYTES_IN)).isEqualTo(readSoFar);

            var others = List.of(
                    TestClient.later(() -> senders.get(0).read(MUCH)),
                    TestClient.later(() -> senders.get(1).read(MUCH)));
            slow.read(2 * MUCH);
            assertThat(others.get(0).join()).isEqualTo(sent.get(1));
            assertThat(others.get(1).join()).isEqualTo(sent.get(0));
        }
    }

    @Test
    void whatAThrottledSenderSentIsDeliveredAtTheStop() throws IOException {
        try (var server = new TestServer(Map.of("member-rate", 1_000L))) {
            var receiver = server.join("g");
            var sender = server.join("g");
            sender.send(bytes(20_000));
            server.awaitAtLeast(Counter.THROTTLED, 1);
            server.endpoint.quiesce(Duration.ofSeconds(5));
            var received = TestClient.later(receiver::readToEnd);
            server.endpoint.stop(Duration.ofSeconds(5));
            assertThat(received.join()).hasSize(20_000);
        }
    }

    @Test
    void aBucketGivesNoMoreThanItsRate() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (long rate : new long[] {1, 7, 1_000, 1L << 40}) {
            var nowNs = new AtomicLong(Long.MAX_VALUE - 1_000);
            long burst = Math.max(1, rate / 4);
            var limit = new RateLimit(rate, burst, Math.max(1, burst / 8), nowNs::get);
            long begin = nowNs.get();
            double taken = 0;
            for (int i = 0; i < 10_000; i++) {
                long available = limit.available();
                long take = available == 0 ? 0 : 1 + (long) (random.nextDouble() * (available - 1));
                limit.take(take);
                taken += take;
                nowNs.addAndGet(available == 0 ? limit.waitNs() : random.nextInt(1_000_000));
                assertThat(taken)
                        .as("seed %d, rate %d", seed, rate)
                        .isLessThanOrEqualTo(burst + 1 + rate * ((nowNs.get() - begin) / 1e9) * 1.000001);
                if (available == 0) {
                    assertThat(limit.available())
                            .as("seed %d, rate %d", seed, rate)
                            .isPositive();
                }
            }
        }
    }

    /** Wait until nothing has been read for longer than any rate pauses. */
    private static void awaitNoReads(TestServer server) {
        long[] last = {-1, System.nanoTime()};
        TestServer.await("no reads", () -> {
            long now = server.count(Counter.BYTES_IN);
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > 500_000_000;
        });
    }

    private static byte[] bytes(int n) {
        var bytes = new byte[n];
        new Random(n).nextBytes(bytes);
        return bytes;
    }
}
