package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.config.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SettingsGuideTest {
    private static final Path PAGE = Path.of("../docs/SETTINGS.md");
    private static final Set<String> MAPS = Set.of("transports", "groups");

    private final SettingsGuide guide = new SettingsGuide();

    /** The table "What a reload changes" has each setting, which another test tries on a running forwarder. */
    static Stream<String> settings() throws IOException {
        return Pattern.compile("(?m)^\\| `([a-z0-9.-]+)` \\|.*\\|.*\\|.*\\|$")
                .matcher(Files.readString(PAGE))
                .results()
                .map(row -> row.group(1));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void everySettingIsExplained(String key) {
        assertThat(guide.explain(key)).isNotEmpty();
    }

    @Test
    void anItemIsShownWholeWithItsSectionAndWithoutMarkup() {
        assertThat(guide.explain("transports.udp.echo"))
                .containsExactly(
                        "UDP:", "  - echo (udp; default false): send a datagram to its sender's registration too.");
        assertThat(String.join("\n", guide.explain("slow-member")))
                .contains(
                        "Slow members and rates:",
                        "(group; ",
                        "pace: the others wait for it",
                        "disconnect: it is closed")
                .doesNotContain("`", "](", "high-water (");
    }

    @ParameterizedTest
    @CsvSource({
        "admin.port, - admin.port (process",
        "groups.chat.framing, - framing (group",
        "transports.udp.group, - group (udp",
        "transports.udp.send-buffer, - send-buffer (udp",
        "transports.nats.groups, - groups (nats",
        "transports.tls.tls.certificate, - tls.certificate (connections",
        "transports.tcp.connect.3.tls.ca, - connect.1.tls.ca (tcp",
        "plugins, - plugins.path (process",
        "tap, - admin.tap (process"
    })
    void aKeyIsFoundInItsPlace(String key, String item) {
        assertThat(guide.explain(key)).element(1).asString().startsWith("  " + item);
    }

    @Test
    void aMapIsExplainedWithItsKeys() {
        assertThat(guide.explain("transports.nats.tls"))
                .filteredOn(line -> line.startsWith("  - "))
                .extracting(line -> line.split(" ")[3])
                .containsExactly("tls", "tls.ca", "tls.server-name");
    }

    @Test
    void anotherKeyOfThatNameIsNotShown() {
        assertThat(guide.explain("transports.udp.group"))
                .filteredOn(line -> line.startsWith("  - "))
                .hasSize(1);
        assertThat(guide.explain("send-buffer"))
                .filteredOn(line -> line.startsWith("  - "))
                .hasSize(2);
    }

    @Test
    void eachItemSaysWhereItsKeyMayStandAndWhatItsDefaultIs() {
        for (var item : guide.items()) {
            assertThat(item.where())
                    .as(item.key())
                    .matches("process|top or endpoint|group|group, connections only|entry of groups|endpoint"
                            + "|tcp|udp|nats|connections");
            assertThat(item.facts())
                    .as(item.key())
                    .matches(MAPS.contains(item.key()) ? ".*" : "(?s); (required|default:? ).*");
        }
    }

    @Test
    void anInheritedKeyIsSaidToBeInherited() {
        assertThat(guide.items())
                .filteredOn(item -> item.where().equals("top or endpoint") || item.mayStandIn("group"))
                .extracting(SettingsGuide.Item::key)
                .hasSameElementsAs(Keys.INHERITED.stream()
                        .filter(key -> !Keys.INHERITED.contains(key + "-file")) // only the environment holds a secret
                        .toList());
    }

    @Test
    void noLineOfThePageIsWiderThanAScreen() throws IOException {
        assertThat(Files.readAllLines(PAGE)).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void whatIsNoSettingIsNotExplained() {
        assertThat(guide.explain("nonsense")).isEmpty();
        assertThat(guide.explain("")).isEmpty();
        assertThat(guide.explain(".")).isEmpty();
    }
}
