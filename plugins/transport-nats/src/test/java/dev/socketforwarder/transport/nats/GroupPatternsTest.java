package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupPatternsTest {

    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "chat, chat, true",
        "chat, chats, false",
        "chat-*, chat-1, true",
        "chat-*, chat-, true",
        "chat-*, chat, false",
        "*-x, a-x, true",
        "*-x, a-xy, false",
        "a*b*c, a-b-b-c, true",
        "a*b*c, a-c-b, false",
        "a.c, abc, false",
    })
    void starsStandForAnyNumberOfCharacters(String pattern, String name, boolean matches) {
        assertThat(new GroupPatterns(List.of(pattern)).matches(name)).isEqualTo(matches);
    }

    @Test
    void oneOfSeveralPatternsIsEnough() {
        var patterns = new GroupPatterns(List.of("a", "b*"));
        assertThat(patterns.matches("a")).isTrue();
        assertThat(patterns.matches("bb")).isTrue();
        assertThat(patterns.matches("c")).isFalse();
        assertThat(new GroupPatterns(List.of()).matches("a")).isFalse();
    }

    @Test
    void manyStarsTakeNoTime() {
        var patterns = new GroupPatterns(List.of("a*".repeat(100) + "b"));
        Assertions.assertThatCode(() -> patterns.matches("a".repeat(256))).doesNotThrowAnyException();
        long beganNs = System.nanoTime();
        assertThat(patterns.matches("a".repeat(256))).isFalse();
        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(5));
    }
}
