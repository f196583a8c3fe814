package dev.socketforwarder.runtime.streams.member;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ConnectionTest {
    /** Far more bytes than the kernel and the queue of one member hold. */
    private static final int MUCH = 24 << 20;

    private static final Map<String, Object> KEEP = Map.of("half-close", "keep");
    private static final long IDLE_MS = 60; // of the 250 ms that are measured; a loop that spins uses them all

    private static byte[] pattern(int n) {
        var bytes = new byte[n];
        new Random(n).nextBytes(bytes);
        return bytes;
    }

    private static FlowLimits stallAfter(Duration timeout) {
        return new FlowLimits(1 << 20, 256 << 10, 16 << 10, timeout);
    }

    /** A member that takes nothing, and a sender that is paused for that member in the middle of much data. */
    private record Full(TestClient slow, TestClient sender, CompletableFuture<Void> sending, byte[] sent) {}

    private static Full full(TestServer server) throws IOException {
        var slow = server.joinSlow("g");
        var sender = server.join("g");
        var sent = pattern(MUCH);
        var sending = sender.sendLater(sent);
        server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
        server.awaitQuiet();
        assertThat(sending).isNotDone();
        return new Full(slow, sender, sending, sent);
    }

    // --- delivery

    @Test
    void everyMemberGetsTheBytesOfEachOtherInOrderAndNeverItsOwn() throws IOException {
        try (var server = new TestServer(Map.of())) {
            int n = 4;
            var clients = new ArrayList<TestClient>();
            for (int i = 0; i < n; i++) {
                clients.add(server.join("g"));
            }
            int each = 400_000;
            var sending = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < n; i++) {
                var bytes = new byte[each];
                for (int at = 0; at < each; at++) {
                    bytes[at] = (byte) (i << 6 | at % 61); // the sender, and a count that shows a gap
                }
                sending.add(clients.get(i).sendLater(bytes));
            }
            for (int i = 0; i < n; i++) {
                var got = clients.get(i).read((n - 1) * each);
                var next = new int[n];
                for (byte b : got) {
                    int who = (b & 0xff) >> 6;
                    if (who == i || (b & 0x3f) != next[who] % 61) {
                        throw new AssertionError(i + " got byte " + next[who] + " of " + who + " as " + b);
                    }
                    next[who]++;
                }
            }
            CompletableFuture.allOf(sending.toArray(CompletableFuture[]::new)).join();
        }
    }

    @Test
    void noChunkIsCutByAnothersBytes() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var reader = server.join("g");
            var senders = List.of(server.join("g"), server.join("g"), server.join("g"));
            int rounds = 2_000;
            for (int i = 0; i < rounds; i++) {
                for (int s = 0; s < 3; s++) {
                    senders.get(s).send(("" + s).repeat(10));
                }
            }
            // One write is read in two parts only at a buffer's end, and no buffer ends near here.
            var text = reader.readText(rounds * 30);
            for (int at = 0; at < text.length(); at += 10) {
                assertThat(text.substring(at, at + 10).chars().distinct().count())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void urgentBytesArePartOfTheStream() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var reader = server.join("g");
            var sender = server.join("g");
            sender.send("abc");
            sender.socket.sendUrgentData('!');
            sender.send("def");
            sender.socket.sendUrgentData('?');
            assertThat(reader.readText(8)).isEqualTo("abc!def?");
        }
    }

    @Test
    void groupsNeverHearEachOther() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var groups = List.of("a", "b", "c");
            var readers = new ArrayList<TestClient>();
            var senders = new ArrayList<TestClient>();
            for (var group : groups) {
                readers.add(server.join(group));
                senders.add(server.join(group));
            }
            for (int i = 0; i < 100; i++) {
                for (int g = 0; g < 3; g++) {
                    senders.get(g).send(groups.get(g));
                }
            }
            for (int g = 0; g < 3; g++) {
                assertThat(readers.get(g).readText(100)).isEqualTo(groups.get(g).repeat(100));
                senders.get(g).close();
                readers.get(g).shutOutput();
                readers.get(g).awaitEnd();
            }
        }
    }

    @Test
    void aGroupsConnectionsAreAllOnOneLoopAndGroupsAreSpread() throws IOException {
        try (var server = new TestServer(Map.of())) {
            for (int g = 0; g < 6; g++) {
                for (int i = 0; i < 5; i++) {
                    server.join("g" + g);
                }
            }
            assertThat(server.loops().all()).allMatch(loop -> loop.memberCount() == 10);
        }
    }

    // --- full members

    @Test
    void theOtherMembersGetEverythingWhileOneIsSlowAndSoDoesItAtLast() throws Exception {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var fast = server.join("g");
            var reading = TestClient.later(() -> fast.read(MUCH));
            var full = full(server);
            assertThat(server.context.heldQueueBytes()).as("once, not for each").isLessThan(4 << 20);

            assertThat(Arrays.mismatch(full.slow.read(MUCH), full.sent)).isEqualTo(-1);
            assertThat(Arrays.mismatch(reading.join(), full.sent)).isEqualTo(-1);
            full.sending.join();
        }
    }

    @Test
    void sendersThatWaitForAFullMemberGetTheirTurns() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var slow = server.joinSlow("g");
            int n = 12;
            for (int i = 0; i < n; i++) {
                var sender = server.join("g");
                var bytes = new byte[MUCH];
                Arrays.fill(bytes, (byte) i);
                sender.sendLater(bytes);
                TestClient.later(() -> sender.socket.getInputStream().skip(Long.MAX_VALUE));
            }
            slow.read(MUCH); // the first part is skipped, since the senders do not begin together

            var shares = new long[n];
            for (byte b : slow.read(MUCH)) {
                shares[b]++;
            }

            long fair = MUCH / n;
            assertThat(Arrays.stream(shares).boxed())
                    .as("of " + fair)
                    .allMatch(share -> share > fair / 3 && share < 3 * fair);
        }
    }

    @Test
    void oneWhoHasMuchToSendIsReadUntilItsGroupHasHadItsTurn() throws Exception {
        try (var server = new TestServer(Map.of("max-read-in-size", 4_096))) {
            var sender = server.join("g");
            var receiver = server.join("g");
            var sent = "x".repeat(32 * 1024);
            var isSent = new CountDownLatch(1);
            for (var loop : server.loops().all()) {
                loop.execute(() -> await(isSent));
            }
            long readsBefore = server.count(Counter.READS);
            long writesBefore = server.count(Counter.WRITES);

            sender.send(sent);
            isSent.countDown();
            assertThat(receiver.readText(sent.length())).isEqualTo(sent);

            assertThat(server.count(Counter.READS) - readsBefore).isGreaterThanOrEqualTo(8);
            assertThat(server.count(Counter.WRITES) - writesBefore).isLessThan(8);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void anotherGroupIsNotDelayedByAFullMember() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            full(server);
            // Groups on every loop are served, so also on the loop of the full member.
            for (int i = 0; i < 6; i++) {
                var a = server.join("other" + i);
                var b = server.join("other" + i);
                a.send("x");
                assertThat(b.readText(1)).isEqualTo("x");
            }
        }
    }

    @Test
    void aFullMemberThatTakesNothingIsClosedAndTheOthersGoOn() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofMillis(300)))) {
            var full = full(server);

            server.awaitOnce(Reason.STALLED);
            full.sending.join();
            server.awaitMembers(1);
        }
    }

    @Test
    void twoThatOnlyWriteAreBothClosed() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofMillis(1_500)))) {
            var a = server.joinSlow("g");
            var b = server.joinSlow("g");
            a.sendLater(pattern(MUCH));
            b.sendLater(pattern(MUCH));

            TestServer.await("both", () -> server.count(Reason.STALLED) == 2);
            server.awaitNoConnections();
            TestServer.await("memory", () -> server.context.heldQueueBytes() == 0);
        }
    }

    // --- ends

    @Test
    void whatIsQueuedForAMemberThatShutItsOutputIsFlushedToItThoughItReadsSlowly() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var full = full(server);
            full.slow.shutOutput();
            server.awaitMembers(1);
            full.sending.join(); // now no member is full

            var got = full.slow.readToEnd();

            assertThat(got.length).isGreaterThan(1 << 20).isLessThan(MUCH);
            assertThat(Arrays.mismatch(got, full.sent)).isEqualTo(got.length);
            server.awaitOnce(Reason.PEER_CLOSED);
        }
    }

    @Test
    void oneThatShutItsOutputAndTakesNothingIsClosedInTheEnd() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(1)))) {
            var full = full(server);
            full.slow.shutOutput();

            server.awaitOnce(Reason.FLUSH_TIMEOUT);
            full.sending.join();
        }
    }

    @Test
    void aFullMemberThatIsResetLetsTheOthersGoOn() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var full = full(server);
            full.slow.reset();

            full.sending.join();
            server.awaitOnce(Reason.PEER_RESET);
            TestServer.await("memory", () -> server.context.heldQueueBytes() == 0);
        }
    }

    @Test
    void whatOneSentBeforeItsResetReachesTheOthersThoughWritingToItFailedFirst() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var full = full(server);
            var witness = server.join("g"); // the witness is paused too, but it reads
            var last = server.join("g");
            last.send("last words");
            full.slow.send("x"); // the full member itself is not paused, so it is read
            assertThat(last.readText(1)).isEqualTo("x");
            last.reset();
            // Writing to this member fails. The member is paused, so its last words have not been read yet.
            full.slow.send("y");
            full.slow.send("z");
            assertThat(witness.readText(3)).isEqualTo("xyz");
            var heard = TestClient.later(witness::readToEnd);

            full.slow.read(MUCH);
            full.sending.join();

            server.awaitOnce(Reason.PEER_RESET);
            witness.shutOutput();
            assertThat(new String(heard.join(), StandardCharsets.ISO_8859_1)).contains("last words");
        }
    }

    @Test
    void halfCloseKeepKeepsAReceiver() throws IOException {
        try (var server = new TestServer(KEEP)) {
            var receiver = server.join("g");
            var sender = server.join("g");
            receiver.send("before");
            assertThat(sender.readText(6)).isEqualTo("before");
            receiver.shutOutput();
            for (int i = 0; i < 10; i++) {
                sender.send("x");
                assertThat(receiver.readText(1)).isEqualTo("x");
            }
            assertThat(server.count(Counter.MEMBERS)).isEqualTo(2);
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(IDLE_MS);

            receiver.close();
            TestServer.await("noticed by writing", () -> {
                send(sender);
                return server.count(Reason.PEER_RESET) == 1;
            });
            server.awaitMembers(1);
        }
    }

    private static void send(TestClient client) {
        try {
            client.send("x");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // --- no wasted processor time

    @Test
    void idleConnectionsCostNoTime() throws IOException {
        try (var server = new TestServer(Map.of())) {
            for (int i = 0; i < 20; i++) {
                server.join("g" + i % 3);
                server.connect();
                server.connect().send("SOCK");
            }
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(IDLE_MS);
        }
    }

    @Test
    void aFullMemberAndPausedOnesCostNoTimeWhateverTheirPeersDo() throws IOException {
        try (var server = new TestServer(Map.of(), stallAfter(Duration.ofSeconds(30)))) {
            var full = full(server);
            var fin = server.join("g");
            var reset = server.join("g");
            var dead = server.join("g");
            fin.send("unread");
            fin.close();
            reset.reset();
            dead.reset();
            full.slow.send("x"); // writes to all three fail
            full.slow.send("y");
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(IDLE_MS);

            full.slow.shutOutput(); // now the full member flushes, and is not read
            server.awaitQuiet();
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(IDLE_MS);
        }
    }

    @Test
    void aFullReceiverThatShutItsOutputCostsNoTime() throws IOException {
        try (var server = new TestServer(KEEP, stallAfter(Duration.ofSeconds(30)))) {
            var full = full(server);
            full.slow.shutOutput();
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(IDLE_MS);
            full.slow.read(MUCH);
        }
    }

    // --- nothing is left behind

    @Test
    void thousandsOfJoinsAndLeavesLeaveNothingBehind() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var random = new Random(1);
            churn(server, 100, random);
            long descriptors = descriptors();
            int threads = Thread.activeCount();
            long members = server.count(Counter.JOINED);

            churn(server, 2_000, random);

            assertThat(server.count(Counter.JOINED)).isEqualTo(members + 2_000);
            assertThat(server.count(Counter.MEMBERS)).isZero();
            assertThat(server.loops().groups()).isZero();
            assertThat(server.loops().all()).allMatch(loop -> loop.memberCount() == 0);
            assertThat(server.context.groupCount()).isZero();
            assertThat(server.context.heldQueueBytes()).isZero();
            TestServer.await("descriptors", () -> descriptors() <= descriptors + 5);
            assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 2);
        }
    }

    private static void churn(TestServer server, int joins, Random random) throws IOException {
        for (int done = 0; done < joins; done += 50) {
            var clients = new ArrayList<TestClient>();
            for (int i = 0; i < 50; i++) {
                var client = new TestClient(server.address(), 0);
                client.send(TestContext.PREFIX + "g" + random.nextInt(200) + "\nhello");
                clients.add(client);
            }
            server.awaitMembers(50);
            for (var client : clients) {
                if (random.nextBoolean()) {
                    client.reset();
                } else {
                    client.close();
                }
            }
            server.awaitNoConnections();
        }
    }

    private static long descriptors() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }
}
