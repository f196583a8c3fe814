package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

    @ParameterizedTest
    @CsvSource({
        "localhost:80,         localhost,  80",
        "10.0.0.1:65535,       10.0.0.1,   65535",
        "[::1]:1,              ::1,        1",
        "[fe80::1%eth0]:1,     fe80::1%eth0, 1",
        "example.org:*,        example.org, *",
    })
    void hostsAndPortsArePartedAtTheLastColon(String text, String host, String port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "80",
                "host",
                ":80",
                " :80",
                "[]:80",
                "::1:80",
                "fd00::1:80",
                "[::1:80",
                "::1]:80",
                "[:80",
                "]:80",
                "a]b:80",
                "a\nb:80",
                "a b:80",
                "[a b]:80",
                "\u0000:80"
            })
    void whatIsNoHostAndPortIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65536", "99999", "-1", "+1", "1 ", "0x1", "123456", "*", "\u0661"})
    void onlyNumbersFromOneAreAPort(String port) {
        assertThatIllegalArgumentException().isThrownBy(() -> new HostPort("h", port).portNumber());
    }

    @Test
    void nothingButIllegalArgumentExceptionEverComesOut() {
        long seed = System.nanoTime();
        System.out.println("HostPortTest seed " + seed);
        var random = new Random(seed);
        var alphabet = ":[]*./%0123456789abfgx -\n\u00e9";
        for (int i = 0; i < 100_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                HostPort.parse(text.toString()).portNumber();
            } catch (IllegalArgumentException _) {
                // The exception is the right answer to an invalid text.
            }
        }
    }
}
