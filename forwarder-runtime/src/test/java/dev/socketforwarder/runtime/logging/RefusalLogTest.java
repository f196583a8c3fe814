package dev.socketforwarder.runtime.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

/** Tests how refusals are logged and counted. */
class RefusalLogTest {
    private record Task(long atNs, Runnable action) {}

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final List<String> lines = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(Comparator.comparingLong(Task::atNs));
    private long nowNs = -5;

    private final List<Map<String, Object>> fields = new ArrayList<>();
    private final RefusalLog log = new RefusalLog(
            (level, line, told) -> {
                levels.add(level);
                lines.add(line);
                fields.add(told);
            },
            () -> nowNs,
            (delayNs, task) -> tasks.add(new Task(nowNs + delayNs, task)));

    private void advance(Duration time) {
        long end = nowNs + time.toNanos();
        while (!tasks.isEmpty() && tasks.peek().atNs() <= end) {
            var task = tasks.poll();
            nowNs = task.atNs();
            task.action().run();
        }
        nowNs = end;
    }

    private void refuse(String host, int port, Reason reason) {
        try {
            log.report("tcp", reason, new InetSocketAddress(InetAddress.getByName(host), port), "", NOTHING);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void theFirstIsLoggedAtOnceWithWhatThePeerSent() {
        var bytes = ByteBuffer.wrap("GET /\r\n\u001b[2J\n".getBytes(StandardCharsets.UTF_8));
        log.report("tcp", Reason.WRONG_PREFIX, new InetSocketAddress("10.0.0.1", 5), "", bytes);
        log.report("udp", Reason.BAD_PORT, new InetSocketAddress("10.0.0.1", 5), "a port is a number", bytes.limit(3));

        assertThat(lines)
                .containsExactly(
                        "tcp refused 10.0.0.1: wrong-prefix (port 5): \"GET /\\r\\n\\x1b[2J\\n\"",
                        "udp refused 10.0.0.1: bad-port (port 5), a port is a number: \"GET\"");
        assertThat(levels).containsOnly(Level.INFO);
        assertThat(bytes.position()).isZero();
    }

    @Test
    void theFieldsTellTheSame() {
        var bytes = ByteBuffer.wrap("GET".getBytes(StandardCharsets.UTF_8));
        log.report("tcp", Reason.WRONG_PREFIX, new InetSocketAddress("10.0.0.1", 5), "expected x", bytes);
        log.report("tcp", Reason.WRONG_PREFIX, new InetSocketAddress("10.0.0.1", 6), "expected x", bytes);
        advance(Duration.ofMinutes(1));

        assertThat(fields.getFirst())
                .containsExactly(
                        Map.entry("endpoint", "tcp"),
                        Map.entry("peer", "10.0.0.1"),
                        Map.entry("reason", "wrong-prefix"),
                        Map.entry("port", 5),
                        Map.entry("detail", "expected x"),
                        Map.entry("bytes", "\"GET\""));
        assertThat(fields.getLast()).containsEntry("count", 1L).containsEntry("peer", "10.0.0.1");
    }

    @Test
    void aMemberThatLosesSomethingIsClosedNotRefused() {
        refuse("10.0.0.1", 1, Reason.STALLED);

        assertThat(lines).containsExactly("tcp closed 10.0.0.1: stalled (port 1)");
    }

    @Test
    void aServerIsNotReachedAndItsPortIsTold() {
        for (var host : List.of("example.org", "::1")) {
            var server = InetSocketAddress.createUnresolved(host, 7001);
            log.report("tcp", Reason.CONNECT_FAILED, server, "the server does not answer", NOTHING);
        }

        assertThat(lines)
                .containsExactly(
                        "tcp cannot reach example.org:7001: connect-failed, the server does not answer",
                        "tcp cannot reach [::1]:7001: connect-failed, the server does not answer");
    }

    @Test
    void repetitionsAreCountedAndToldOnceAMinute() {
        for (int i = 0; i < 42; i++) {
            refuse("10.0.0.1", i, Reason.WRONG_PREFIX);
        }
        assertThat(lines).containsExactly("tcp refused 10.0.0.1: wrong-prefix");

        advance(Duration.ofSeconds(60));

        assertThat(lines)
                .containsExactly(
                        "tcp refused 10.0.0.1: wrong-prefix",
                        "tcp refused 10.0.0.1: wrong-prefix (and 41 more like it in the last minute)");
    }

    @Test
    void whoGoesOnForHoursCostsALineAMinute() {
        for (int second = 0; second < 3_600; second++) {
            refuse("10.0.0.1", second, Reason.WRONG_PREFIX);
            advance(Duration.ofSeconds(1));
        }

        assertThat(lines).hasSizeBetween(60, 62);
        assertThat(lines.getLast())
                .isEqualTo("tcp refused 10.0.0.1: wrong-prefix (and 60 more like it in the last minute)");
    }

    @Test
    void afterAQuietMinuteTheNextIsNewsAgainAndTheClockRests() {
        refuse("10.0.0.1", 1, Reason.WRONG_PREFIX);
        advance(Duration.ofMinutes(2));
        assertThat(tasks).isEmpty();

        refuse("10.0.0.1", 1, Reason.WRONG_PREFIX);

        assertThat(lines).hasSize(2).doesNotContainSubsequence("more like it");
    }

    @Test
    void reasonsSourcesAndEndpointsAreApart() {
        refuse("10.0.0.1", 1, Reason.WRONG_PREFIX);
        refuse("10.0.0.2", 1, Reason.WRONG_PREFIX);
        refuse("10.0.0.1", 1, Reason.BAD_GROUP_ID);
        refuse("::1", 1, Reason.BAD_GROUP_ID);
        log.report("b", Reason.WRONG_PREFIX, new InetSocketAddress("10.0.0.1", 1), "", NOTHING);

        assertThat(lines).hasSize(5);
    }

    @Test
    void aProbeIsForDebugging() {
        refuse("10.0.0.1", 1, Reason.PROBE);
        refuse("10.0.0.1", 1, Reason.PROBE);
        advance(Duration.ofMinutes(1));

        assertThat(levels).containsExactly(Level.DEBUG, Level.DEBUG);
    }

    @Test
    void manySourcesFillNeitherMemoryNorLog() {
        for (int i = 0; i < 50_000; i++) {
            refuse("10.1." + i / 250 + "." + i % 250, 1, Reason.WRONG_PREFIX);
        }

        assertThat(lines).hasSize(1_001);
        assertThat(lines.getLast()).isEqualTo("tcp refused further sources: wrong-prefix");

        advance(Duration.ofMinutes(1));

        assertThat(lines).hasSize(1_002);
        assertThat(lines.getLast())
                .isEqualTo("tcp refused further sources: wrong-prefix (and 48999 more like it in the last minute)");

        advance(Duration.ofMinutes(5));
        refuse("10.0.0.1", 1, Reason.WRONG_PREFIX);

        assertThat(lines.getLast()).isEqualTo("tcp refused 10.0.0.1: wrong-prefix (port 1)");
    }

    @Test
    void whatWasCountedIsToldAtTheEnd() {
        refuse("10.0.0.1", 1, Reason.WRONG_PREFIX);
        refuse("10.0.0.1", 2, Reason.WRONG_PREFIX);
        refuse("10.0.0.2", 2, Reason.WRONG_PREFIX);
        log.close();

        assertThat(lines).hasSize(3);
        assertThat(lines.getLast())
                .isEqualTo("tcp refused 10.0.0.1: wrong-prefix (and 1 more like it in the last minute)");
    }

    @Test
    void theRealOneMayBeUsedAfterItsEnd() {
        var real = new RefusalLog();
        real.close();
        real.report("tcp", Reason.PROBE, new InetSocketAddress("10.0.0.1", 1), "", NOTHING);
        real.close();
    }

    @Test
    void whoIsRefusedAfterTheEndHarmsNobody() {
        var real = new RefusalLog();
        real.close();
        real.report("tcp", Reason.NOT_ADMITTED, new InetSocketAddress("10.0.0.1", 1), "", NOTHING);
    }
}
