package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests signals and the orderly stop: nothing that was read is lost. */
class StopTest {
    private static final String DELIVERED = "everything was delivered";

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void signalStopsWithExitCodeZero(String signal) {
        try (var forwarder = Launch.onFreePorts().start()) {
            forwarder.signal(signal);

            assertThat(forwarder.awaitExit(Duration.ofSeconds(5))).isZero();
            forwarder.awaitLine("SIG" + signal);
            forwarder.awaitLine(DELIVERED);
        }
    }

    @Test
    void hangupNeverStopsIt() {
        try (var forwarder = Launch.onFreePorts().start()) {
            forwarder.signal("HUP");
            forwarder.awaitLine("reloaded: nothing has changed");
            forwarder.stop();
        }
    }

    @Test
    void hangupIsNothingToOneThatWasStartedToIgnoreIt() {
        try (var forwarder = Launch.onFreePorts().ignoring("HUP").start()) {
            forwarder.signal("HUP");
            var ann = forwarder.join("g");
            var bob = forwarder.join("g");
            ann.send("still here");
            bob.expect("still here");
            ann.close();
            bob.close();

            forwarder.stop();
            assertThat(forwarder.err().toString()).doesNotContain("reloaded");
        }
    }

    @Test
    void processIdIsJavas() throws IOException {
        try (var forwarder = Launch.onFreePorts().start()) {
            assertThat(Files.readSymbolicLink(Path.of("/proc/" + forwarder.pid() + "/exe")))
                    .hasFileName("java");
            assertThat(ProcessHandle.of(forwarder.pid()).orElseThrow().descendants())
                    .isEmpty();
        }
    }

    @Test
    void membersGetTheEndInGoodOrder() {
        try (var forwarder = Launch.onFreePorts().start();
                var one = forwarder.join("end");
                var other = forwarder.join("end");
                var silent = TcpClient.connect(forwarder.tcp())) {
            one.send("last words");
            other.expect("last words");
            forwarder.signal("TERM");
            one.expectEnd();
            other.expectEnd();
            silent.expectClosed();
            one.leave();
            other.leave();
            assertThat(forwarder.awaitExit(Duration.ofSeconds(5))).isZero();
        }
    }

    @Test
    void membersThatDoNotCloseDoNotHoldItUp() {
        try (var forwarder = Launch.onFreePorts().start();
                var one = forwarder.join("stay");
                var other = forwarder.join("stay")) {
            forwarder.signal("TERM");
            assertThat(forwarder.awaitExit(Duration.ofSeconds(9))).isZero();
            one.expectEnd();
            other.expectEnd();
        }
    }

    @Test
    void whatLaysInTheKernelAtTheSignalIsDelivered() {
        var noise = Noise.random();
        int size = 60_000;
        try (var forwarder = Launch.onFreePorts().start();
                var sender = forwarder.join("kernel");
                var one = forwarder.join("kernel");
                var other = forwarder.join("kernel")) {
            // While stopped, it can read nothing before the signal to stop is there.
            forwarder.signal("STOP");
            sender.send(noise.slice(0, size));
            await().atMost(Forwarder.LIMIT)
                    .until(() -> KernelQueues.unacknowledged(sender.local(), sender.remote()) == 0);
            forwarder.signal("TERM");
            forwarder.signal("CONT");

            assertThat(Flood.expectUntilEnd(one, noise, 0)).isEqualTo(size);
            assertThat(Flood.expectUntilEnd(other, noise, 0)).isEqualTo(size);
            assertThat(forwarder.awaitExit()).isZero();
            forwarder.awaitLine(DELIVERED);
        }
    }

    @Test
    void datagramsThatLayInTheKernelAtTheSignalAreDelivered() {
        try (var forwarder = Launch.onFreePorts().start();
                var receiver = UdpClient.to(forwarder.udp()).register();
                var sender = UdpClient.to(forwarder.udp())) {
            sender.send("registered");
            receiver.expect("registered");
            forwarder.signal("STOP");
            for (int i = 0; i < 100; i++) {
                sender.send("datagram " + i);
            }
            forwarder.signal("TERM");
            forwarder.signal("CONT");

            for (int i = 0; i < 100; i++) {
                receiver.expect("datagram " + i);
            }
            assertThat(forwarder.awaitExit()).isZero();
        }
    }

    @Test
    void whatIsQueuedForSlowMembersIsDelivered() {
        var noise = Noise.random();
        int size = 3_500_000; // more than the kernel takes, less than makes a member full
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_HIGH_WATER", "16MiB")
                        .start();
                var sender = forwarder.join("queued");
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("queued");
                var together = new Together()) {
            forwarder.awaitJoined(slow, "queued");
            assertThat(Flood.start(sender, noise, size).total()).isEqualTo(size);
            sender.awaitRead();
            forwarder.signal("TERM");
            forwarder.awaitLine("SIGTERM");
            together.start(() ->
                            assertThat(Flood.expectUntilEnd(slow, noise, 0)).isEqualTo(size))
                    .await();
            assertThat(forwarder.awaitExit()).isZero();
            forwarder.awaitLine(DELIVERED);
        }
    }

    @Test
    void stopUnderLoadGivesAllMembersTheSameUpToTheEnd() {
        var noise = Noise.random();
        int members = 10;
        var receivers = new ArrayList<TcpClient>();
        var received = new long[members];
        try (var forwarder = Launch.onFreePorts().start();
                var sender = forwarder.join("load");
                var together = new Together()) {
            for (int i = 0; i < members; i++) {
                receivers.add(forwarder.join("load"));
            }
            for (int i = 0; i < members; i++) {
                int n = i;
                together.start(() -> received[n] = Flood.expectUntilEnd(receivers.get(n), noise, 0));
            }
            var flood = Flood.start(sender, noise, Long.MAX_VALUE);
            flood.awaitSent(20_000_000);
            forwarder.signal("TERM");
            together.await();
            flood.stop();
            assertThat(forwarder.awaitExit(Duration.ofSeconds(12))).isZero();

            assertThat(received[0]).isGreaterThan(10_000_000);
            assertThat(received).containsOnly(received[0]);
            forwarder.awaitLine(DELIVERED);
        } finally {
            receivers.forEach(TcpClient::close);
        }
    }

    @Test
    void senderThatNeverStopsDoesNotHoldItUp() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_GRACE_PERIOD", "1m")
                        .start();
                var sender = forwarder.join("endless");
                var receiver = forwarder.join("endless");
                var together = new Together()) {
            together.start(() -> Flood.expectUntilEnd(receiver, noise, 0));
            var flood = Flood.start(sender, noise, Long.MAX_VALUE);
            flood.awaitSent(10_000_000);
            forwarder.signal("TERM");
            assertThat(forwarder.awaitExit(Duration.ofSeconds(30))).isZero();
            together.await();
            flood.stop();
            forwarder.awaitLine(" bytes that members still sent were thrown away unread)");
        }
    }

    @Test
    void sendersThatAreDoneBeforeTheSignalAreHeardInFull() {
        var noise = Noise.random();
        int size = 2_000_000;
        try (var forwarder = Launch.onFreePorts().start();
                var receiver = forwarder.join("done");
                var sender = forwarder.join("done");
                var together = new Together()) {
            together.start(
                    () -> assertThat(Flood.expectUntilEnd(receiver, noise, 0)).isEqualTo(size));
            assertThat(Flood.start(sender, noise, size).total()).isEqualTo(size);
            sender.awaitRead();
            forwarder.signal("TERM");
            together.await();
            assertThat(forwarder.awaitExit()).isZero();
        }
    }

    @Test
    void fullMemberThatReadsInTimeGetsEverything() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts().start();
                var full = TcpClient.connectSmall(forwarder.tcp()).join("full");
                var sender = forwarder.join("full");
                var other = forwarder.join("full");
                var together = new Together()) {
            forwarder.awaitJoined(full, "full");
            var received = new long[2];
            together.start(() -> received[0] = Flood.expectUntilEnd(other, noise, 0));
            var flood = Flood.start(sender, noise, Long.MAX_VALUE);
            flood.awaitPaused();
            flood.stop();
            long before = flood.sent() - KernelQueues.unacknowledged(sender.local(), sender.remote());
            forwarder.signal("TERM");
            forwarder.awaitLine("SIGTERM");
            together.start(() -> received[1] = Flood.expectUntilEnd(full, noise, 0));
            assertThat(forwarder.awaitExit(Duration.ofSeconds(13))).isZero();
            together.await();

            // What the forwarder's kernel held from the paused sender is read and delivered too.
            assertThat(received[1]).isEqualTo(received[0]).isGreaterThanOrEqualTo(before);
            forwarder.awaitLine(DELIVERED);
        }
    }

    @Test
    void fullMemberThatNeverReadsIsCountedAfterTheGracePeriod() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_GRACE_PERIOD", "2s")
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "1m")
                        .start();
                var full = TcpClient.connectSmall(forwarder.tcp()).join("never");
                var sender = forwarder.join("never");
                var other = forwarder.join("never");
                var together = new Together()) {
            forwarder.awaitJoined(full, "never");
            var received = new long[1];
            together.start(() -> received[0] = Flood.expectUntilEnd(other, noise, 0));
            var flood = Flood.start(sender, noise, Long.MAX_VALUE);
            flood.awaitPaused();
            forwarder.signal("TERM");
            long begin = System.nanoTime();
            assertThat(forwarder.awaitExit()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isBetween(Duration.ofMillis(1_500), Duration.ofSeconds(6));
            together.await();
            flood.stop();

            assertThat(received[0]).isGreaterThan(1 << 20);
            var last = forwarder.err().matching(line -> line.contains(" stopped; "));
            assertThat(last)
                    .singleElement()
                    .asString()
                    .containsPattern("\\b1 member")
                    .containsPattern("[0-9]{6,} bytes");
        }
    }

    @Test
    void anotherSignalEndsAtOnce() {
        var noise = Noise.random();
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_GRACE_PERIOD", "1m")
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "1m")
                        .start();
                var full = TcpClient.connectSmall(forwarder.tcp()).join("twice");
                var sender = forwarder.join("twice")) {
            forwarder.awaitJoined(full, "twice");
            Flood.start(sender, noise, Long.MAX_VALUE).awaitPaused();
            forwarder.signal("TERM");
            forwarder.awaitLine("SIGTERM");
            // A second signal right away counts as the same, so repeat it until the process ends.
            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> {
                        forwarder.terminate();
                        return !forwarder.isAlive();
                    });
            assertThat(forwarder.awaitExit(Duration.ofSeconds(5))).isEqualTo(143);
        }
    }

    @Test
    void startsAgainOnTheSamePortAtOnce() {
        int tcp = FreePorts.tcp("127.0.0.1");
        int udp = FreePorts.udp("127.0.0.1");
        for (int i = 0; i < 3; i++) {
            try (var forwarder = Launch.with(Integer.toString(tcp), Integer.toString(udp))
                            .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                            .env("SOCKETFORWARDER_DEBUG", "true")
                            .start();
                    var one = forwarder.join("again");
                    var other = forwarder.join("again")) {
                one.send("hello");
                other.expect("hello");
                // The forwarder closed first, so its end waits in TIME_WAIT now.
                forwarder.signal("TERM");
                one.expectEnd();
                other.expectEnd();
                one.leave();
                other.leave();
                assertThat(forwarder.awaitExit()).isZero();
            }
        }
    }

    @Test
    void signalDuringTheStartEndsItInOrder() {
        // The signal may come before the program handles it (143) or after (0); the program never hangs and never
        // fails. Within the JVM's own start, before any line of the program runs, the JVM may treat the signal as a
        // failure of its own (1), and says so or dies without a word.
        for (int delayMs : new int[] {50, 100, 150, 200, 250, 300, 400, 600}) {
            var process = Launch.onFreePorts().startProcess();
            try {
                var err = Lines.of(process.getErrorStream());
                Thread.sleep(delayMs); // the moment under test
                process.destroy();
                assertThat(process.waitFor(20, java.util.concurrent.TimeUnit.SECONDS))
                        .isTrue();
                err.awaitEnd(Forwarder.LIMIT);
                if (process.exitValue() == 1) {
                    assertThat(err.toString())
                            .satisfiesAnyOf(
                                    said -> assertThat(said).isEmpty(),
                                    said -> assertThat(said).contains("Error occurred during initialization of VM"))
                            .doesNotContain("dev.socketforwarder");
                    continue;
                }
                assertThat(process.exitValue()).as(err.toString()).isIn(0, 143);
                assertThat(err.toString()).doesNotContain("Exception", "ERROR");
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            } finally {
                process.destroyForcibly();
            }
        }
    }
}
