package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class YamlFileTest {
    private static final String EXAMPLE = """
            # a comment
            host-address: 0.0.0.0
            debug: false
            transports:
              tcp:
                port: 6753
                preconfig-addresses:
                  - "group1:localhost:12345"
                  - group2:10.0.0.0/8:*
              telemetry: { type: udp, port: 6760 }
              udp:
            """;

    private static Map<String, Setting> parse(String text) {
        return YamlFile.parse("conf.yaml", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void eachValueKnowsItsLine() {
        var settings = parse(EXAMPLE);

        assertThat(settings.get("host-address"))
                .isEqualTo(Setting.text("host-address", "0.0.0.0", Origin.file("conf.yaml", 2)));
        assertThat(settings.get("transports.tcp.port").origin().place()).isEqualTo("conf.yaml:6");
        assertThat(settings.get("transports.telemetry.port").text()).isEqualTo("6760");
        assertThat(settings.get("transports.tcp.preconfig-addresses").items())
                .containsExactly(
                        new Setting.Item("group1:localhost:12345", Origin.file("conf.yaml", 8)),
                        new Setting.Item("group2:10.0.0.0/8:*", Origin.file("conf.yaml", 9)));
        assertThat(settings.get("transports.udp").shape()).isEqualTo(Setting.Shape.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "---\n", "\ufeff# with a mark\n", "null"})
    void aFileWithoutKeysHasNoSettings(String text) {
        assertThat(parse(text)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`debug: true\ndebug: false`|conf.yaml:2: debug is set twice, first at conf.yaml:1; remove one of them",
                "`transports:\n  tcp: {port: 1}\n  tcp: {port: 2}`|conf.yaml:3: transports.tcp is set twice, first at conf.yaml:2",
                "`- a\n- b`|conf.yaml:1: the file must hold keys with values",
                "`just text`|conf.yaml:1: the file must hold keys with values",
                "`Debug: true`|conf.yaml:1: \"Debug\" is not a key: a key has lower-case letters and digits, with single dashes between them",
                "`transports:\n  tcp:\n    a.b: 1`|conf.yaml:3: \"transports.tcp.a.b\" is not a key",
                "`? [a]\n: b`|conf.yaml:1: ",
                "`a: &x 1\nb: *x`|conf.yaml:2: b is an alias, and aliases are not allowed: write the value itself",
                "`a: &x [1]\nb: [*x, *x]`|conf.yaml:2: b is an alias, and aliases are not allowed",
                "`a: [[1]]`|conf.yaml:1: a has an element that is not a text; each must be a single text",
                "`a:\n - 1\n - b: c`|conf.yaml:3: a has an element that is not a text",
                "`a:\n - b: c\n - 1`|conf.yaml:3: a has an element that is not a map; each must be a map, as the first is",
                "`a: [{b: c, b: d}]`|conf.yaml:1: a.1.b is set twice",
                "`a: [1, ]\nb: [null]`|conf.yaml:2: b has an element that is empty; each must be a single text",
                "`a: 1\n---\na: 2`|conf.yaml:3: a second document is not allowed",
                "`a: 1\nb: [1, 2`|conf.yaml:2: this is not YAML: ",
                "`a: \"x\ny: z`|this is not YAML: ",
                "`a:\n\tb: 1`|conf.yaml:2: this is not YAML: ",
                "`a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}`|conf.yaml:1: more than 8 levels are not allowed",
                "`<<: {a: 1}`|conf.yaml:1: \"<<\" is not a key",
            })
    void whatIsWrongIsToldWithItsLine(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void anAliasBombIsRefusedBeforeItGrows() {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            var before = "*a" + (i - 1);
            bomb.append("a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", Collections.nCopies(10, before))));
        }

        assertThatThrownBy(() -> parse(bomb.toString()))
                .hasMessage(
                        "conf.yaml:2: a1 is an alias, and aliases are not allowed: write the value itself, in quotes if it begins with *");
    }

    @Test
    void bracketsWithoutEndAreRefused() {
        assertThatThrownBy(() -> parse("a: " + "[".repeat(500_000))).isInstanceOf(SettingException.class);
        assertThatThrownBy(() -> parse("a: " + "{a: ".repeat(100_000))).isInstanceOf(SettingException.class);
    }

    @Test
    void aFileMayHaveOneMebibyte(@TempDir Path folder) throws IOException {
        var fits = Files.writeString(folder.resolve("fits.yaml"), "#\n".repeat(YamlFile.LARGEST / 2));
        var large = Files.writeString(folder.resolve("large.yaml"), "#\n".repeat(YamlFile.LARGEST / 2) + "#");

        assertThat(YamlFile.read(fits)).isEmpty();
        assertThatThrownBy(() -> YamlFile.read(large))
                .hasMessage(
                        large
                                + " cannot be read: it is larger than 1 MiB, the most that is allowed; give the path of a file to --config");
    }

    @Test
    void whatCannotBeReadIsNamed(@TempDir Path folder) throws IOException {
        var missing = folder.resolve("missing.yaml");
        var latin1 = Files.write(folder.resolve("latin1.yaml"), new byte[] {'#', (byte) 0xe4});

        assertThatThrownBy(() -> YamlFile.read(missing))
                .hasMessage(missing + " cannot be read: it does not exist; give the path of a file to --config");
        assertThatThrownBy(() -> YamlFile.read(folder)).hasMessageContaining(folder + " cannot be read");
        assertThatThrownBy(() -> YamlFile.read(latin1)).hasMessage(latin1 + " is not UTF-8; save it as UTF-8");
    }

    @Test
    void anyTextIsReadOrRefusedInOneLine() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 3_000; i++) {
            var text = new StringBuilder(EXAMPLE);
            for (int edits = random.nextInt(1, 6); edits > 0; edits--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.deleteCharAt(at);
                    case 1 -> text.insert(at, "\"'{}[]:,&*#?|->%@`!\n\t \0\ud800x~".charAt(random.nextInt(26)));
                    default -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(30))));
                }
            }
            try {
                parse(text.toString());
            } catch (SettingException e) {
                assertThat(e.getMessage()).as("seed " + seed).matches("conf\\.yaml[: ][^\\p{Cc}]*");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + "\n" + text, e);
            }
        }
    }
}
