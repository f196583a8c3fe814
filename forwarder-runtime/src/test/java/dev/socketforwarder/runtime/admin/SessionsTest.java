package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private final AtomicLong nowNs = new AtomicLong();
    private final Sessions sessions = new Sessions(Optional.of("the right token"), nowNs::get);

    @Test
    void theTokenIsKnown() {
        assertThat(sessions.isToken("the right token")).isTrue();
        assertThat(sessions.isToken("the right toke")).isFalse();
        assertThat(sessions.isToken("")).isFalse();
        assertThat(new Sessions(Optional.empty(), nowNs::get).isToken("")).isFalse();
    }

    @Test
    void aSessionLastsUntilItsTimeOrItsEnd() {
        var one = sessions.begin();
        var other = sessions.begin();
        assertThat(one).isNotEqualTo(other).hasSize(64);
        sessions.end(other);

        assertThat(sessions.isLasting(one)).isTrue();
        assertThat(sessions.isLasting(other)).isFalse();
        nowNs.set(Sessions.LONGEST.toNanos() + 1);
        assertThat(sessions.isLasting(one)).isFalse();
    }

    @Test
    void theOldestEndsFirst() {
        var oldest = sessions.begin();
        var later = sessions.begin();
        for (int i = 0; i < 99; i++) {
            sessions.begin();
        }

        assertThat(sessions.isLasting(oldest)).isFalse();
        assertThat(sessions.isLasting(later)).isTrue();
    }
}
