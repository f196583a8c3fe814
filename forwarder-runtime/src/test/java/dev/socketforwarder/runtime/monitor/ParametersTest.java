package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ParametersTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "telemetry", " a b ", "a&b=c?d#e%25+", "line\nfeed", "\u202e \uD83D\uDE00", "\0"})
    void whatIsWrittenIsRead(String value) {
        var parameters = Map.of("group", value, "limit", "5");

        assertThat(Parameters.decoded(Parameters.encoded(parameters))).isEqualTo(parameters);
    }

    @Test
    void namesAndBytesWithoutEscapesAreReadToo() {
        assertThat(Parameters.decoded("lim%69t=5&a+b=\u00c3\u00a9&flag&&=x"))
                .isEqualTo(Map.of("limit", "5", "a b", "\u00e9", "flag", "", "", "x"));
    }

    @ParameterizedTest
    @CsvSource({
        "a=%, percent sign",
        "a=%1, percent sign",
        "a=%zz, percent sign",
        "a=%-1, percent sign",
        "%=a, percent sign",
        "a=%ff, UTF-8",
        "a=%C3, UTF-8",
        "a=%ED%A0%80, UTF-8",
        "a=1&a=2, twice",
        "a=1&%61=1, twice"
    })
    void aGuessIsNeverMade(String text, String why) {
        assertThatThrownBy(() -> Parameters.decoded(text))
                .isInstanceOf(BadParameterException.class)
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @ValueSource(strings = {"+5", "-1", "2147483648", "99999999999999999999", "\u0669", "1.0", " 1"})
    void aNumberHasDigitsOnly(String text) {
        assertThatThrownBy(() -> new Request("GET", "groups", Map.of("limit", text)).number("limit"))
                .isInstanceOf(BadParameterException.class)
                .hasMessage("limit must be a whole number from 0 to 2147483647");
    }
}
