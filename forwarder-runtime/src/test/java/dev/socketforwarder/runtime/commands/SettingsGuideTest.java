package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsGuideTest {
    private final SettingsGuide guide = new SettingsGuide();

    /** The table "What a reload changes" has each setting, which another test tries on a running forwarder. */
    static Stream<String> settings() throws IOException {
        return Pattern.compile("(?m)^\\| `([a-z0-9.-]+)` \\|.*\\|.*\\|.*\\|$")
                .matcher(Files.readString(Path.of("../docs/SETTINGS.md")))
                .results()
                .map(row -> row.group(1));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everySettingIsExplained(String key) {
        assertThat(guide.explain(key)).isNotEmpty();
    }

    @Test
    void anItemIsShownWholeWithItsPlaceAndWithoutMarkup() {
        assertThat(guide.explain("transports.udp.echo"))
                .containsExactly(
                        "For each endpoint: UDP:",
                        "  - echo (default false): send a datagram to its sender's registration too.");
        assertThat(String.join("\n", guide.explain("slow-member")))
                .contains("For each group", "pace: the others wait for it", "disconnect: it is closed")
                .doesNotContain("`", "](", "high-water (default");
    }

    @Test
    void whatIsNoSettingIsNotExplained() {
        assertThat(guide.explain("nonsense")).isEmpty();
        assertThat(guide.explain("")).isEmpty();
    }
}
