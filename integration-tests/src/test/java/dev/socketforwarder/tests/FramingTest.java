package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Tests groups with framed streams, on TCP and UDP, and their slow members. */
class FramingTest {

    private static Launch line(String more) {
        return Launch.onFreePorts().env("SOCKETFORWARDER_FIRST_MESSAGE", "line").yaml(more);
    }

    @Test
    void linesAreNeverCutByAnothersAndEachIsADatagram() {
        try (var forwarder = line("groups: { chat: { framing: line } }\ntransports: { udp: { group: chat } }\n")
                        .start();
                var a = forwarder.join("chat");
                var b = forwarder.join("chat");
                var receiver = forwarder.join("chat");
                var datagrams = UdpClient.to(forwarder.udp()).register()) {
            forwarder.awaitLine("127.0.0.1:" + datagrams.port() + " joined ");
            b.send("hello\n");
            receiver.expect("hello\n");
            datagrams.expect("hello");

            a.sendOneByOne("from a, ".getBytes(StandardCharsets.UTF_8));
            b.send("one\ntwo\n");
            receiver.expect("one\ntwo\n");
            a.send("whole\n");
            receiver.expect("from a, whole\n");
            datagrams.expect("one").expect("two").expect("from a, whole");

            datagrams.send("not\nframeable").send("by datagram");
            receiver.expect("by datagram\n");
            a.expect("hello\none\ntwo\nby datagram\n");

            forwarder.signal("USR1");
            var counted = forwarder.awaitLine("groups since the start: ");
            assertThat(counted).containsPattern("unframeable [1-9]");
            forwarder.awaitLine(
                    line -> line.contains("tcp since the start: ") && line.contains("members 3"), "members 3");
            a.leave();
            b.leave();
            receiver.leave();
            forwarder.stop();
            assertThat(forwarder.err().matching(line -> line.contains("groups since the start: ")))
                    .hasSize(2);
        }
    }

    @Test
    void theSenderOfATooLargeMessageIsClosedWithItsReason() {
        try (var forwarder = line("framing: delimiter\ndelimiter: '||'\nmax-message-size: 8\ndebug: true\n")
                        .start();
                var sender = forwarder.join("g");
                var receiver = forwarder.join("g")) {
            sender.send("12345678||123456789|");
            receiver.expect("12345678||");
            sender.expectClosed();
            forwarder.awaitLeft(sender, "message-too-large");
        }
    }

    @Test
    void whoComesFirstDecidesNothingOnAGroupsFraming() {
        try (var forwarder = line("transports: { tcp: { framing: line }, "
                                + "raw: { type: tcp, port: 0, host-address: 127.0.0.1 } }\n")
                        .start();
                var stranger = TcpClient.connect(forwarder.address("raw")).join("g")) {
            forwarder.awaitJoined(stranger, "g");
            forwarder.awaitLine("raw.framing is \"raw\", and that of tcp is line: groups with one name are separate");
            try (var first = forwarder.join("g");
                    var second = forwarder.join("g")) {
                second.send("among themselves\n");
                first.expect("among themselves\n");
            }
        }
    }

    @Test
    void aMemberThatDoesNotReadMissesWholeLinesAndIsToldHowMany() {
        var line = "x".repeat(999) + "\n";
        int lines = 20_000;
        try (var forwarder = line("framing: line\nslow-member: drop\ngap-notice: 'missed {missed}'\n")
                        .start();
                var sender = forwarder.join("g");
                var good = forwarder.join("g");
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("g")) {
            forwarder.awaitJoined(slow, "g");
            // In portions that a reading member can always take; under a flood it might be full for a moment, and miss
            // some.
            var portion = line.repeat(200);
            for (int sent = 0; sent < lines; sent += 200) {
                sender.send(portion);
                assertThat(new String(good.receive(portion.length()), StandardCharsets.UTF_8))
                        .isEqualTo(portion);
            }

            // What it got before it was full, the notice, and what came afterwards; no message is cut.
            var got = new StringBuilder();
            int missed = 0;
            int whole = 0;
            while (missed == 0) {
                got.append(new String(slow.receive(1), StandardCharsets.UTF_8));
                if (got.charAt(got.length() - 1) == '\n') {
                    var matcher = Pattern.compile("missed ([0-9]+)\n").matcher(got);
                    if (matcher.matches()) {
                        missed = Integer.parseInt(matcher.group(1));
                    } else {
                        assertThat(got.toString()).isEqualTo(line);
                        whole++;
                    }
                    got.setLength(0);
                }
            }
            assertThat(whole + missed).isEqualTo(lines);
            sender.send("after\n");
            slow.expect("after\n");
        }
    }

    @Test
    void aMemberThatBecomesFullIsClosedWhereTheGroupSaysSo() {
        var chunk = new byte[100_000];
        try (var forwarder = line("slow-member: disconnect\ndebug: true\n").start();
                var sender = forwarder.join("g");
                var good = forwarder.join("g");
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("g")) {
            forwarder.awaitJoined(slow, "g");
            // A member that keeps up is never full, which a flood could not show.
            for (int i = 0; i < 200; i++) {
                sender.send(chunk);
                assertThat(good.receive(chunk.length)).isEqualTo(chunk);
            }
            forwarder.awaitLeft(slow, "too-slow");
            sender.send("go on");
            good.expect("go on");
        }
    }

    @Test
    void whatAllGroupsHoldIsBounded() {
        try (var forwarder = line("max-queued: 2MiB\nhigh-water: 64MiB\nstall-timeout: 1m\ndebug: true\n")
                        .start();
                var sender = forwarder.join("g");
                var good = forwarder.join("g")) {
            var stalled = new ArrayList<TcpClient>();
            for (int i = 0; i < 50; i++) {
                var client = TcpClient.connectSmall(forwarder.tcp()).join("g");
                forwarder.awaitJoined(client, "g");
                stalled.add(client);
            }
            // A member that keeps up needs no queue memory.
            var chunk = new byte[100_000];
            for (int i = 0; i < 300; i++) {
                sender.send(chunk);
                assertThat(good.receive(chunk.length)).isEqualTo(chunk);
            }
            for (var client : stalled) {
                forwarder.awaitLeft(client, "out-of-queue");
                client.close();
            }
            sender.send("go on");
            good.expect("go on");
        }
    }

    @Test
    void configurationsThatCannotWorkAreRefusedWithTheRemedy() {
        var unlined = Launch.with("check", "1")
                .yaml("framing: line\nfirst-message: auto\n")
                .run();
        assertThat(unlined.exitCode()).isEqualTo(2);
        assertThat(unlined.errText()).contains("first-message is \"auto\", but must be line");

        var dropping = Launch.with("check", "1")
                .yaml("groups: { a: { slow-member: drop } }\n")
                .run();
        assertThat(dropping.exitCode()).isEqualTo(2);
        assertThat(dropping.errText()).contains("groups.a.slow-member", "pace or disconnect where framing is raw");

        var beyond = Launch.with("check", "1").yaml("max-queued: 5000GiB\n").run();
        assertThat(beyond.exitCode()).isEqualTo(2);
        assertThat(beyond.errText()).contains("max-queued is \"5000GiB\", but must be a number of bytes from 1MiB to");
    }
}
