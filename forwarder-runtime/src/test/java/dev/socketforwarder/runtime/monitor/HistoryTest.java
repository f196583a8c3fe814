package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.groups.MemberView;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HistoryTest {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final History history = new History(() -> now);

    private static MemberView member(long id) {
        return new MemberView(
                id,
                "tcp",
                GroupId.of("g"),
                Framing.RAW,
                "192.0.2.1:" + id,
                Optional.empty(),
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
        history.refused(
                "tcp", Reason.WRONG_PREFIX, source, "", ByteBuffer.wrap(bytes.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void theLatestJoinsAndLeavesAreKept() {
        for (int i = 0; i < 10_000; i++) {
            history.joined(member(i), 1);
        }
        history.left(member(9_999), Reason.IDLE, 0);

        assertThat(history.events()).hasSize(4_096);
        assertThat(history.events().getFirst().left()).contains(Reason.IDLE);
        assertThat(history.events().getLast().member().id()).isEqualTo(10_001 - 4_096);
    }

    @Test
    void refusalsOfOneSourceForOneReasonAreOneEntry() {
        refuse("192.0.2.1", "first");
        var first = now;
        now = now.plusSeconds(60);
        refuse("192.0.2.2", "other");
        refuse("192.0.2.1", "second");

        assertThat(history.refusals()).hasSize(2);
        assertThat(history.refusals().getFirst())
                .isEqualTo(new Refusal("tcp", Reason.WRONG_PREFIX, "192.0.2.1", "", "\"second\"", 2, first, now));
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
        assertThat(history.refusals().getFirst().bytes().length()).isLessThan(100);
    }
}
