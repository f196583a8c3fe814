package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how members leave: FIN, RST, half-close, and what remains of them. */
class TcpLifetimeTest {
    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        forwarder = Launch.onFreePorts().start();
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 65_536, 3_000_000})
    void whatWasSentBeforeFinReachesEveryone(int size) {
        var noise = Noise.random();
        var group = "fin-" + size;
        try (var sender = forwarder.join(group);
                var one = forwarder.join(group);
                var other = forwarder.join(group);
                var together = new Together()) {
            together.start(() -> Flood.expect(one, noise, 0, size)).start(() -> Flood.expect(other, noise, 0, size));
            assertThat(Flood.start(sender, noise, size).total()).isEqualTo(size);
            sender.leave();
            together.await();

            forwarder.awaitLeft(sender, "peer-closed");
            one.send("it is gone");
            other.expect("it is gone");
        }
    }

    @Test
    void joinDataAndFinInOneGo() {
        try (var member = forwarder.join("in-one-go")) {
            for (int i = 0; i < 20; i++) {
                try (var hasty = TcpClient.connect(forwarder.tcp())) {
                    hasty.send(TcpClient.PREFIX + "in-one-go\nhere and gone " + i);
                }
                member.expect("here and gone " + i);
            }
        }
    }

    @Test
    void memberThatShutsItsSendingSideGetsWhatIsQueuedAndIsClosed() {
        var noise = Noise.random();
        try (var leaving = TcpClient.connectSmall(forwarder.tcp()).join("flush");
                var sender = forwarder.join("flush");
                var other = forwarder.join("flush");
                var together = new Together()) {
            forwarder.awaitJoined(leaving, "flush");
            long size = 40_000_000;
            var flood = Flood.start(sender, noise, size);
            together.start(() -> Flood.expect(other, noise, 0, size));
            flood.awaitPaused(); // more than a MiB is queued for the member that does not read
            leaving.finish();

            // It has left, so the sender continues, and it gets what was sent before, in full and without a gap.
            long got = Flood.expectUntilEnd(leaving, noise, 0);
            assertThat(got).isBetween(1L << 20, size - 1);
            together.await();
            forwarder.awaitLeft(leaving, "peer-closed");
        }
    }

    @Test
    void resetMemberLeavesAndWhatItSentBeforeReachesEveryone() {
        var noise = Noise.random();
        int size = 60_000;
        try (var sender = forwarder.join("reset");
                var one = forwarder.join("reset");
                var other = forwarder.join("reset")) {
            sender.send(noise.slice(0, size));
            // Once the forwarder's kernel has everything, a reset takes nothing back.
            await().atMost(Forwarder.LIMIT)
                    .until(() -> KernelQueues.unacknowledged(sender.local(), sender.remote()) == 0);
            sender.reset();

            Flood.expect(one, noise, 0, size);
            Flood.expect(other, noise, 0, size);
            forwarder.awaitLeft(sender, "peer-reset");
            one.send("it is gone");
            other.expect("it is gone");
        }
    }

    @Test
    void receiverThatResetsCostsTheOthersNothing() {
        var noise = Noise.random();
        long size = 8_000_000;
        try (var sender = forwarder.join("reset-receiver");
                var faithful = forwarder.join("reset-receiver");
                var resetting = forwarder.join("reset-receiver");
                var together = new Together()) {
            together.start(() -> Flood.expect(faithful, noise, 0, size));
            var flood = Flood.start(sender, noise, size);
            Flood.expect(resetting, noise, 0, 500_000);
            resetting.reset();
            together.await();
            assertThat(flood.total()).isEqualTo(size);
        }
    }

    @Test
    void halfCloseKeepLeavesAReceiver() {
        try (var keeping = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_HALF_CLOSE", "keep")
                        .start();
                var sender = keeping.join("keep");
                var receiver = keeping.join("keep")) {
            receiver.send("the last I say").finish();
            sender.expect("the last I say");
            receiver.awaitRead();
            keeping.assertIdle();

            sender.send("still there?");
            receiver.expect("still there?");
            var noise = Noise.random();
            Flood.start(sender, noise, 4_000_000);
            Flood.expect(receiver, noise, 0, 4_000_000);
            keeping.assertIdle();

            sender.finish();
            keeping.assertIdle();
            keeping.stop();
            receiver.expectEnd();
            sender.expectEnd();
        }
    }

    @Test
    void halfClosedMemberThatIsGoneIsNoticedAtTheNextWrite() {
        try (var keeping = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_HALF_CLOSE", "keep")
                        .start();
                var sender = keeping.join("keep");
                var receiver = keeping.join("keep")) {
            receiver.finish();
            receiver.awaitRead();
            receiver.leave();
            await().atMost(Forwarder.LIMIT).until(() -> {
                sender.send("anybody?");
                return keeping.err().soFar().stream().anyMatch(line -> line.contains(": peer-reset ("));
            });
            keeping.assertIdle();
        }
    }

    @Test
    void descriptorsGoBackAndEmptyGroupsDisappear() {
        try (var own = Launch.onFreePorts().start()) {
            try (var first = own.join("first");
                    var second = own.join("first")) {
                first.send("x");
                second.expect("x"); // everything that is made once exists now
            }
            await().atMost(Forwarder.LIMIT).until(() -> left(own) == 2);
            int before = own.descriptors();
            int members = 0;
            for (int round = 0; round < 3; round++) {
                var clients = new ArrayList<TcpClient>();
                for (int i = 0; i < 100; i++) {
                    clients.add(TcpClient.connect(own.tcp()).join("group-" + round + "-" + i % 50));
                }
                for (int i = 0; i < 100; i++) {
                    own.awaitJoined(clients.get(i), "group-" + round + "-" + i % 50);
                    if (i % 2 == 0) {
                        clients.get(i).close();
                    } else {
                        clients.get(i).reset();
                    }
                }
                members += 100;
                int all = members + 2;
                await().atMost(Forwarder.LIMIT).until(() -> left(own) == all);
            }
            await("that all descriptors are closed")
                    .atMost(Forwarder.LIMIT)
                    .untilAsserted(() -> assertThat(own.descriptors()).isLessThanOrEqualTo(before));
            own.assertIdle();
        }
    }

    private static long left(Forwarder own) {
        return own.err().matching(line -> line.contains(" left ")).size();
    }

    @Test
    void refusedConnectionsLeaveNoDescriptors() {
        try (var own = Launch.onFreePorts()
                .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_TIMEOUT", "300ms")
                .start()) {
            // The process opens a few descriptors with its first connections and closes; a leak would leave 40 of a
            // kind.
            int most = own.descriptors() + 10;
            for (int i = 0; i < 40; i++) {
                try (var wrong = TcpClient.connect(own.tcp());
                        var silent = TcpClient.connect(own.tcp());
                        var probe = TcpClient.connect(own.tcp())) {
                    probe.leave();
                    wrong.send("no prefix\n").expectClosed();
                    if (i % 10 == 0) {
                        silent.expectClosed();
                    } else {
                        silent.reset();
                    }
                }
            }
            await().atMost(Forwarder.LIMIT)
                    .untilAsserted(() -> assertThat(own.descriptors()).isLessThanOrEqualTo(most));
            own.assertIdle();
        }
    }
}
