package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests every way in which the first message may arrive. */
class TcpJoinTest {
    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        // Some tests send byte by byte, which takes long on a busy machine.
        forwarder = Launch.onFreePorts()
                .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE_TIMEOUT", "1m")
                .start();
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", ""})
    void endsWithLineFeedOrCrLfOrTheFirstRead(String end) {
        var group = "end-" + end.length() + "-" + end.hashCode();
        try (var member = forwarder.join(group);
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(TcpClient.PREFIX + group + end);
            forwarder.awaitJoined(joining, group);

            joining.send("from the new one");
            member.expect("from the new one");
            member.send("to the new one");
            joining.expect("to the new one");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n"})
    void isTheSameOneByteAtATime(String end) {
        var group = "single-bytes-" + end.length();
        try (var member = forwarder.join(group);
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.sendOneByOne((TcpClient.PREFIX + group + end + "data").getBytes(StandardCharsets.UTF_8));
            forwarder.awaitJoined(joining, group);

            member.expect("data");
            member.send("back");
            joining.expect("back");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 19, 20, 33, 35, 36})
    void isTheSameInTwoParts(int cut) {
        // Bytes 32 and 33 are one character, 34 and 35 the line's end. A first part that ends between these would be a
        // complete first message of the original's form.
        var group = String.format("two-parts-%02d\u00fc", cut);
        var bytes = (TcpClient.PREFIX + group + "\r\nfirst").getBytes(StandardCharsets.UTF_8);
        assertThat(bytes[34]).isEqualTo((byte) '\r');
        try (var member = forwarder.join(group);
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(bytes, 0, cut);
            joining.awaitRead();
            joining.send(bytes, cut, bytes.length - cut);
            forwarder.awaitJoined(joining, group);

            member.expect("first");
        }
    }

    @Test
    void lineFeedIsAwaitedIfThePrefixAloneCameFirst() {
        try (var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(TcpClient.PREFIX);
            joining.awaitRead();
            joining.send("awaited-");
            joining.awaitRead();
            joining.send("group");
            joining.awaitRead();
            joining.send("\n");

            forwarder.awaitJoined(joining, "awaited-group");
        }
    }

    @Test
    void withoutLineFeedTheRestOfTheFirstReadIsTheGroupAndWhatFollowsIsData() {
        try (var member = forwarder.join("original");
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(TcpClient.PREFIX + "original");
            forwarder.awaitJoined(joining, "original");

            joining.send("\nnot a line end any more");
            member.expect("\nnot a line end any more");
        }
    }

    @Test
    void carriageReturnInsideBelongsToTheDataBehindTheLineFeed() {
        try (var member = forwarder.join("return");
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(TcpClient.PREFIX + "return\n\r\ndata");

            member.expect("\r\ndata");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 900, 1_003, 1_004, 1_024, 65_536, 300_000})
    void dataInTheSameWriteIsDeliveredOnce(int size) {
        var noise = Noise.random();
        var group = "coalesced-" + size;
        var first = (TcpClient.PREFIX + group + "\n").getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[first.length + size];
        System.arraycopy(first, 0, bytes, 0, first.length);
        System.arraycopy(noise.slice(0, size), 0, bytes, first.length, size);
        try (var member = forwarder.join(group);
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(bytes);
            Flood.expect(member, noise, 0, size);

            joining.send("then");
            member.expect("then");
        }
    }

    @Test
    void twoFirstMessagesInOneConnectionAreOneAndData() {
        try (var member = forwarder.join("twice");
                var joining = TcpClient.connect(forwarder.tcp())) {
            joining.send(TcpClient.PREFIX + "twice\n" + TcpClient.PREFIX + "other\n");

            member.expect(TcpClient.PREFIX + "other\n");
        }
    }

    @Test
    void groupIdMayHave256BytesOfAnyText() {
        var group = "\u4e2d\u6587 \ud83d\ude00 x:".repeat(20).substring(0, 64);
        group += "x".repeat(256 - group.getBytes(StandardCharsets.UTF_8).length);
        assertThat(group.getBytes(StandardCharsets.UTF_8)).hasSize(256);
        try (var one = TcpClient.connect(forwarder.tcp()).join(group);
                var other = TcpClient.connect(forwarder.tcp()).join(group)) {
            forwarder.awaitLine(line -> line.contains(one.shown() + " joined "), "joined");
            forwarder.awaitLine(line -> line.contains(other.shown() + " joined "), "joined");

            one.send("hello");
            other.expect("hello");
        }
    }

    @Test
    void silentAndSlowClientsNeverDelayAnothersJoin() {
        var idle = new TcpClient[60];
        try {
            for (int i = 0; i < idle.length; i++) {
                idle[i] = TcpClient.connect(forwarder.tcp());
                if (i % 3 == 1) {
                    idle[i].send("S");
                } else if (i % 3 == 2) {
                    idle[i].send(TcpClient.PREFIX);
                }
            }
            long begin = System.nanoTime();
            try (var one = forwarder.join("among-silent");
                    var other = forwarder.join("among-silent")) {
                one.send("hello");
                other.expect("hello");
                // Far less than the five seconds after which silent clients are closed.
                assertThat(System.nanoTime() - begin).isLessThan(3_000_000_000L);
            }
        } finally {
            for (var client : idle) {
                client.close();
            }
        }
    }

    @Test
    void firstMessageLineDemandsTheLineFeed() {
        var bytes = (TcpClient.PREFIX + "strict\nhello").getBytes(StandardCharsets.UTF_8);
        try (var strict = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_FIRST_MESSAGE", "line")
                        .start();
                var member = strict.join("strict")) {
            for (int cut = 1; cut < bytes.length; cut++) {
                try (var joining = TcpClient.connect(strict.tcp())) {
                    joining.send(bytes, 0, cut);
                    joining.awaitRead();
                    joining.send(bytes, cut, bytes.length - cut);

                    member.expect("hello");
                }
            }
        }
    }

    @Test
    void prefixIsConfigurable() {
        try (var other = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_NEW_CLIENT_PREFIX", "HELLO ")
                        .start();
                var one = TcpClient.connect(other.tcp()).send("HELLO group\n");
                var two = TcpClient.connect(other.tcp()).send("HELLO group\n")) {
            other.awaitJoined(one, "group");
            other.awaitJoined(two, "group");

            one.send("x");
            two.expect("x");
            try (var standard = TcpClient.connect(other.tcp()).join("group")) {
                standard.expectClosed();
            }
        }
    }
}
