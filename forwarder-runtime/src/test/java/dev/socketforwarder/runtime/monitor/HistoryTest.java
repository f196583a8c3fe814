package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.groups.MemberView;
import dev.socketforwarder.runtime.monitor.Refusal.Case;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final History history = new History(() -> now);

    private static MemberView member(long id) {
        return member(id, "192.0.2.1:" + id);
    }

    private static MemberView member(long id, String name) {
        return new MemberView(
                id,
                "tcp",
                GroupId.of("g"),
                Framing.RAW,
                name,
                Optional.empty(),
                false,
                Duration.ZERO,
                0,
                0,
                0,
                0,
                0,
                0,
                Duration.ZERO,
                Duration.ZERO,
                false,
                Optional.empty());
    }

    private void refuse(String source, String bytes) {
        refuse(source, 40_000, bytes);
    }

    private void refuse(String source, int port, String bytes) {
        history.refused(
                "tcp", Reason.WRONG_PREFIX, source, port, "", ByteBuffer.wrap(bytes.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theLatestJoinsAndLeavesAreKept() {
        for (int i = 0; i < 10_000; i++) {
            history.joined(member(i), 1);
        }
        history.left(member(9_999), Reason.IDLE, 0);

        assertThat(history.events()).hasSize(4_096);
        assertThat(history.events().getFirst().left()).contains(Reason.IDLE);
        assertThat(history.events().getLast().id()).isEqualTo(10_001 - 4_096);
    }

    @Test
    void anEventKeepsWhatTheMemberWasCalled() {
        for (var name : List.of("", "[fe80::1%eth0]:65535", "n\u00e4me", "x".repeat(1_000))) {
            history.left(member(7, name), Reason.IDLE, 3);

            var event = history.events().getFirst();
            assertThat(event.name()).isEqualTo(name);
            assertThat(event.endpoint()).isEqualTo("tcp");
            assertThat(event.group()).isEqualTo(GroupId.of("g"));
            assertThat(event.members()).isEqualTo(3);
        }
    }

    @Test
    void refusalsOfOneSourceForOneReasonAreOneEntry() {
        refuse("192.0.2.1", "first");
        var first = now;
        now = now.plusSeconds(60);
        refuse("192.0.2.2", "other");
        refuse("192.0.2.1", "second");

        assertThat(history.refusals()).hasSize(2);
        var cases = List.of(new Case(now, 40_000, "", "\"second\""), new Case(first, 40_000, "", "\"first\""));
        assertThat(history.refusals().getFirst())
                .isEqualTo(new Refusal("tcp", Reason.WRONG_PREFIX, "192.0.2.1", 2, first, cases));
    }

    @Test
    void theLatestCasesOfASourceAreKeptWithTheirPorts() {
        for (int port = 1; port <= 100; port++) {
            refuse("192.0.2.1", port, "from " + port);
        }

        var refusal = history.refusals().getFirst();
        assertThat(refusal.count()).isEqualTo(100);
        assertThat(refusal.latest()).extracting(Case::port).containsExactly(100, 99, 98, 97, 96, 95, 94, 93);
        assertThat(refusal.from(98)).map(Case::bytes).contains("\"from 98\"");
        assertThat(refusal.from(1)).isEmpty();
    }

    @Test
    void aSourceThatIsRefusedAllTheTimeDisplacesNobody() {
        refuse("192.0.2.1", "x");
        for (int i = 0; i < 100_000; i++) {
            refuse("192.0.2.2", "y");
        }

        assertThat(history.refusals()).hasSize(2);
    }

    @Test
    void manySourcesFillNoMemory() {
        for (int i = 0; i < 50_000; i++) {
            refuse("source " + i, "x".repeat(10_000));
        }

        assertThat(history.refusals()).hasSize(1_024);
        assertThat(history.refusals().getFirst().source()).isEqualTo("source 49999");
        assertThat(history.refusals().getFirst().latest().getFirst().bytes().length())
                .isLessThan(100);
    }
}
