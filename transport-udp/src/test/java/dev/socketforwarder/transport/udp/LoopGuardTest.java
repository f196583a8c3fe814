package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Intake;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tells circling datagrams from ordinary repetition. */
class LoopGuardTest {
    private static final InetSocketAddress CLIENT = at("192.0.2.1", 1000);
    private static final InetSocketAddress FORWARDER = at("192.0.2.2", 6753);
    private static final InetAddress LOCAL = InetAddress.ofLiteral("192.0.2.9");
    private static final int ORDINARY = 64;

    private final Intake intake = new Intake(2_000, ByteBuffer.allocateDirect(2_001));
    private final LoopGuard seeing = guard(true);
    private final LoopGuard blind = guard(false);
    // Times where only differences compare correctly.
    private long nowNs = Long.MAX_VALUE - 10;

    private static LoopGuard guard(boolean seesHops) {
        return new LoopGuard(seesHops, source -> source.getAddress().isLoopbackAddress());
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    private boolean passes(LoopGuard guard, InetSocketAddress source, int hops, String text) {
        return passes(guard, source, hops, text, true);
    }

    private boolean passes(LoopGuard guard, InetSocketAddress source, int hops, String text, boolean mayBeForwarder) {
        return passes(guard, source, hops, text.getBytes(StandardCharsets.UTF_8), mayBeForwarder);
    }

    private boolean passes(LoopGuard guard, InetSocketAddress source, int hops, byte[] payload) {
        return passes(guard, source, hops, payload, true);
    }

    private boolean passes(
            LoopGuard guard, InetSocketAddress source, int hops, byte[] payload, boolean mayBeForwarder) {
        intake.clear();
        intake.memory().clear().put(payload);
        intake.add(source, LOCAL, 0, payload.length, hops);
        return !guard.goesRound(intake, 0, mayBeForwarder, nowNs);
    }

    private void pass(Duration time) {
        nowNs += time.toNanos();
    }

    /** {@return how often one datagram passes one of the forwarders in a circle of this many} */
    private int rounds(int forwarders) {
        int hops = ORDINARY;
        int rounds = 0;
        passes(seeing, CLIENT, hops, "round");
        do {
            for (int i = 0; i < forwarders; i++) {
                hops = Hops.next(hops) == Hops.NONE ? Hops.START : Hops.next(hops);
            }
            pass(Duration.ofMillis(1));
            rounds++;
        } while (passes(seeing, FORWARDER, hops, "round") && rounds < 1_000);
        return rounds;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 10, 11, 16, 30, 33, 50, 64, 100})
    void whatComesRoundWithFewerHopsEachTimeIsDropped(int forwarders) {
        assertThat(rounds(forwarders)).isEqualTo(LoopGuard.MOST_LIMITS + 1);
    }

    @Test
    void copiesByTheThousandAreDroppedSooner() {
        int passed = 0;
        for (int i = 0; i < 100_000; i++) {
            passed += passes(seeing, FORWARDER, Hops.START - i % 2, "copy") ? 1 : 0;
            pass(Duration.ofNanos(50_000));
        }
        assertThat(passed).isBetween(200, 300);
    }

    @Test
    void allAddressesOfThisMachineAreOneSenders() {
        for (int i = 0; i < LoopGuard.MOST_LIMITS; i++) {
            assertThat(passes(seeing, at("127.0.0." + (i + 1), 6753), Hops.START - i, "round"))
                    .isTrue();
        }
        assertThat(passes(seeing, at("127.0.0.99", 6753), Hops.LAST, "round")).isFalse();
        assertThat(passes(seeing, at("127.0.0.1", 6754), Hops.LAST, "round")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40, 63, 64, 255})
    void aSenderMaySayTheSameAsOftenAsItLikes(int hops) {
        for (int i = 0; i < 100_000; i++) {
            assertThat(passes(seeing, CLIENT, hops, "alive", hops > Hops.START)).isTrue();
        }
    }

    @Test
    void manyMaySayTheSameAsOftenAsTheyLikeWhereNoForwarderIsNear() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(passes(blind, at("192.0.2.1", 1000 + i % 10), Hops.NONE, "alive", false))
                    .isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void manyMayGiveTheSameSignOfLife(boolean seesHops) {
        var guard = guard(seesHops);
        for (int i = 0; i < 20_000; i++) {
            for (int member = 0; member < 10; member++) {
                int hops = seesHops ? member == 0 ? 1 : ORDINARY - member : Hops.NONE;
                assertThat(passes(guard, at("192.0.2.1", 1000 + member), hops, "alive"))
                        .isTrue();
            }
            pass(Duration.ofMillis(5));
        }
    }

    @Test
    void aPathThatChangesNowAndThenIsNoLoop() {
        for (int i = 0; i < 3_000; i++) {
            assertThat(passes(seeing, CLIENT, 40 + i / 100 % 20, "alive")).isTrue();
            pass(Duration.ofMillis(10));
        }
    }

    @Test
    void withoutHopsALoopEndsByItsRate() {
        assertThat(passes(blind, CLIENT, Hops.NONE, "round")).isTrue();
        int rounds = 0;
        while (passes(blind, FORWARDER, Hops.NONE, "round")) {
            pass(Duration.ofNanos(50_000));
            rounds++;
        }
        assertThat(rounds).isBetween(40, 80);
        // Datagrams still on their way do not revive the loop.
        for (int i = 0; i < 10_000; i++) {
            pass(Duration.ofNanos(50_000));
            assertThat(passes(blind, FORWARDER, Hops.NONE, "round")).isFalse();
        }
        pass(Duration.ofSeconds(3));
        assertThat(passes(blind, FORWARDER, Hops.NONE, "round")).isTrue();
    }

    @Test
    void withHopsWhatLosesThemOnTheWayEndsByItsRate() {
        assertThat(passes(seeing, CLIENT, ORDINARY, "round")).isTrue();
        int rounds = 0;
        while (passes(seeing, FORWARDER, Hops.START, "round")) {
            pass(Duration.ofNanos(50_000));
            rounds++;
        }
        assertThat(rounds).isBetween(100, 300);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 255, 256, 257, 1_400, 2_000})
    void payloadsThatDifferAreTakenForDifferent(int size) {
        var payload = new byte[size];
        for (int hops = Hops.START; hops > Hops.START - LoopGuard.MOST_LIMITS; hops--) {
            assertThat(passes(seeing, FORWARDER, hops, payload)).isTrue();
        }
        assertThat(passes(seeing, FORWARDER, Hops.LAST, payload)).isFalse();
        assertThat(passes(seeing, FORWARDER, Hops.LAST, new byte[size == 2_000 ? 1_999 : size + 1]))
                .isTrue();
        if (size > 0) {
            payload[0]++;
            assertThat(passes(seeing, FORWARDER, Hops.LAST, payload)).isTrue();
            payload[0]--;
            payload[size - 1]++;
            assertThat(passes(seeing, FORWARDER, Hops.LAST, payload)).isTrue();
        }
    }
}
