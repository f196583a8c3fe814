package dev.socketforwarder.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GroupIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"a", " ", "group:1", "[x]", "h\u00e9", "\u65e5\u672c", "\ud83d\ude00", "\\", "\u00a0"})
    void namesOfUtf8WithoutControlCharactersAreGroups(String name) {
        assertThat(GroupId.of(name).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "a\nb", "a\r", "\0", "a\u007f", "\u0085", "\ud83d", "a\ude00b", "\ude00\ud83d"})
    void otherNamesAreNone(String name) {
        assertThat(GroupId.isValid(name)).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> GroupId.of(name));
    }

    @Test
    void theLimitIsInBytesOfUtf8() {
        assertThat(GroupId.isValid("a".repeat(256))).isTrue();
        assertThat(GroupId.isValid("a".repeat(257))).isFalse();
        assertThat(GroupId.isValid("\u00e9".repeat(128))).isTrue();
        assertThat(GroupId.isValid("\u00e9".repeat(128) + "a")).isFalse();
        assertThat(GroupId.isValid("\ud83d\ude00".repeat(64))).isTrue();
        assertThat(GroupId.isValid("\ud83d\ude00".repeat(65))).isFalse();
    }

    @Test
    void noPeerCanNameAnEndpointsOwnGroup() {
        assertThat(GroupId.ofEndpoint("udp")).isNotEqualTo(GroupId.of("udp"));
    }
}
