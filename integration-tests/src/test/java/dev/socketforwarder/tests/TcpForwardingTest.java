package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests which members get what, and in which order. */
class TcpForwardingTest {
    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        forwarder = Launch.onFreePorts().start();
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    @Test
    void everyMemberGetsWhatTheOthersSendAndNothingElse() {
        // Until the end of a forwarder of its own, so that nothing else can come later.
        try (var own = Launch.onFreePorts().start();
                var a1 = own.join("a");
                var a2 = own.join("a");
                var a3 = own.join("a");
                var b1 = own.join("b");
                var b2 = own.join("b");
                var alone = own.join("A")) {
            a1.send("1");
            a2.expect("1");
            a3.expect("1");
            a2.send("2");
            a1.expect("2");
            a3.expect("2");
            b1.send("3");
            b2.expect("3");
            alone.send("nobody hears this");
            a3.send("4");
            a1.expect("4");
            a2.expect("4");
            own.stop();

            for (var member : List.of(a1, a2, a3, b1, b2, alone)) {
                member.expectEnd();
            }
        }
    }

    @Test
    void noEchoHoweverMuchIsSent() {
        var noise = Noise.random();
        int size = 3_000_000;
        try (var sender = forwarder.join("no-echo");
                var receiver = forwarder.join("no-echo")) {
            var flood = Flood.start(sender, noise, size);
            Flood.expect(receiver, noise, 0, size);
            assertThat(flood.total()).isEqualTo(size);

            receiver.send("end");
            sender.expect("end"); // would follow an echo
        }
    }

    @Test
    void allBytesInBothDirectionsAtOnce() {
        var noise = Noise.random();
        int size = 5_000_000;
        try (var one = forwarder.join("both-ways");
                var other = forwarder.join("both-ways");
                var together = new Together()) {
            Flood.start(one, noise, size);
            Flood.start(other, noise, size);
            together.start(() -> Flood.expect(one, noise, 0, size))
                    .start(() -> Flood.expect(other, noise, 0, size))
                    .await();
        }
    }

    @Test
    void twoHundredMembersGetAThousandMessagesInOrder() {
        int messages = 1_000;
        var expected = new StringBuilder();
        var members = new ArrayList<TcpClient>();
        try (var together = new Together()) {
            for (int i = 0; i < 200; i++) {
                members.add(TcpClient.connect(forwarder.tcp()).join("crowd"));
            }
            members.forEach(member -> forwarder.awaitJoined(member, "crowd"));
            for (int i = 0; i < messages; i++) {
                expected.append("message ").append(i).append(" of the crowd\n");
            }
            var text = expected.toString();
            for (var member : members.subList(1, members.size())) {
                together.start(() -> member.expect(text));
            }
            text.lines().forEach(line -> members.getFirst().send(line + "\n"));
            together.await();
        } finally {
            members.forEach(TcpClient::close);
        }
    }

    @Test
    void everyOneOfManySendersIsHeardInItsOrder() {
        int senders = 20;
        int each = 50;
        var members = new ArrayList<TcpClient>();
        try (var together = new Together()) {
            for (int i = 0; i < senders; i++) {
                members.add(forwarder.join("choir"));
            }
            for (int i = 0; i < senders; i++) {
                int self = i;
                together.start(() -> {
                    for (int n = 0; n < each; n++) {
                        members.get(self).send(String.format("%03d:%05d ", self, n));
                    }
                });
                together.start(() -> expectInOrder(members.get(self), self, senders, each));
            }
            together.await();
        } finally {
            members.forEach(TcpClient::close);
        }
    }

    private static void expectInOrder(TcpClient member, int self, int senders, int each) {
        var next = new int[senders];
        for (int i = 0; i < (senders - 1) * each; i++) {
            var message = new String(member.receive(10), java.nio.charset.StandardCharsets.US_ASCII);
            int from = Integer.parseInt(message.substring(0, 3));
            assertThat(from).isNotEqualTo(self);
            assertThat(Integer.parseInt(message.substring(4, 9)))
                    .as("message of %s", from)
                    .isEqualTo(next[from]++);
        }
    }

    @Test
    void noReadChunkIsCutByAnothers() {
        int senders = 6;
        int each = 150;
        var random = new Random(17);
        var clients = new ArrayList<TcpClient>();
        try (var receiver = forwarder.join("chunks");
                var together = new Together()) {
            var free = new ArrayList<Semaphore>();
            for (int i = 0; i < senders; i++) {
                clients.add(forwarder.join("chunks"));
                free.add(new Semaphore(1));
            }
            for (int i = 0; i < senders; i++) {
                int self = i;
                var own = new Random(random.nextLong());
                // Senders hear each other, and must not become full.
                together.start(() -> drain(clients.get(self)));
                together.start(() -> {
                    for (int n = 0; n < each; n++) {
                        // One message at a time is in flight, so each is one read of the forwarder.
                        assertThat(free.get(self).tryAcquire(30, TimeUnit.SECONDS))
                                .isTrue();
                        clients.get(self).send(frame(self, n, 8 + own.nextInt(3_000)));
                    }
                });
            }
            var next = new int[senders];
            for (int i = 0; i < senders * each; i++) {
                var head = ByteBuffer.wrap(receiver.receive(8));
                int length = head.getInt();
                int from = head.getShort();
                assertThat(from).isBetween(0, senders - 1);
                assertThat((int) head.getShort()).isEqualTo(next[from]++);
                for (byte b : receiver.receive(length - 8)) {
                    assertThat((int) b).isEqualTo(from);
                }
                free.get(from).release();
            }
            clients.forEach(TcpClient::finish);
            together.await();
        } finally {
            clients.forEach(TcpClient::close);
        }
    }

    private static void drain(TcpClient client) {
        var buffer = new byte[65_536];
        while (client.receive(buffer) >= 0) {
            // The receiver checks what it sends.
        }
    }

    private static byte[] frame(int from, int number, int length) {
        var frame = new byte[length];
        java.util.Arrays.fill(frame, (byte) from);
        ByteBuffer.wrap(frame).putInt(length).putShort((short) from).putShort((short) number);
        return frame;
    }

    @Test
    void manyGroupsNeverHearEachOther() {
        int groups = 40;
        var members = new ArrayList<TcpClient>();
        try {
            for (int i = 0; i < groups; i++) {
                members.add(forwarder.join("apart-" + i));
                members.add(forwarder.join("apart-" + i));
            }
            for (int round = 0; round < 20; round++) {
                for (int i = 0; i < groups; i++) {
                    members.get(2 * i + round % 2).send("group " + i + " round " + round);
                }
                for (int i = 0; i < groups; i++) {
                    members.get(2 * i + 1 - round % 2).expect("group " + i + " round " + round);
                }
            }
        } finally {
            members.forEach(TcpClient::close);
        }
    }

    @Test
    void aClientMayComeAgainAndAgain() {
        try (var steady = forwarder.join("again")) {
            for (int i = 0; i < 30; i++) {
                try (var client = forwarder.join("again")) {
                    steady.send("to " + i);
                    client.expect("to " + i);
                    client.send("from " + i);
                    steady.expect("from " + i);
                }
            }
        }
    }

    @Test
    void nothingOfBeforeIsKeptForWhoComesLater() {
        try (var early = forwarder.join("later");
                var witness = forwarder.join("later")) {
            early.send("before");
            witness.expect("before");
            try (var late = forwarder.join("later")) {
                early.send("after");
                late.expect("after");
            }
        }
    }
}
