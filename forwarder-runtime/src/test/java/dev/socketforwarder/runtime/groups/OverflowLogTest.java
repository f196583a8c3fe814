package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.GroupId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the warnings about owners that do not keep up. */
class OverflowLogTest {
    private static final GroupId GROUP = GroupId.of("telemetry");

    private final List<String> lines = new ArrayList<>();
    private long nowNs = -5;
    private final OverflowLog log = new OverflowLog(() -> nowNs, lines::add);

    @Test
    void theFirstIsSaidAtOnceWithTheTimeThatTheOwnerTook() {
        long since = nowNs;
        nowNs += Duration.ofMillis(270).toNanos();
        log.leftOut(GROUP, 64, 9_000_000, since);

        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .contains("Group telemetry: 64 messages", "owner-full", "nothing for 270 ms", "9000000 bytes wait");
    }

    @Test
    void theOthersAreSaidTogetherOnceAMinute() {
        log.leftOut(GROUP, 1, 0, nowNs);
        log.leftOut(GROUP, 2, 0, nowNs);
        nowNs += Duration.ofSeconds(59).toNanos();
        log.leftOut(GROUP, 3, 0, nowNs);
        assertThat(lines).hasSize(1);

        nowNs += Duration.ofSeconds(1).toNanos();
        log.leftOut(GROUP, 4, 0, nowNs);
        assertThat(lines).hasSize(2);
        assertThat(lines.getLast()).contains(" 9 messages");
    }
}
