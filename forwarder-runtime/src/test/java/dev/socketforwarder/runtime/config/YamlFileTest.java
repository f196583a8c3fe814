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
                "`Debug: true`|conf.yaml:1: \"Debug\" is not a key: write debug",
                "`transports:\n  tcp:\n    Port: 1`|conf.yaml:3: \"transports.tcp.Port\" is not a key: write port",
                "`max_read_in_size: 1`|conf.yaml:1: \"max_read_in_size\" is not a key: write max-read-in-size",
                "`maxQueued: 1`|conf.yaml:1: \"maxQueued\" is not a key: write max-queued",
                "`groups: {my_chat: {}}`|\"groups.my_chat\" is not a key: write my-chat, and name the group with match",
                "`groups: {\"chat-*\": {}}`|single dashes between them; the pattern of groups stands in match",
                "`a: {port = 6753}`|\"a.port = 6753\" is not a key: a colon is missing behind the key, as in \"port: 6753\"",
                "`a: {port 6753}`|\"a.port 6753\" is not a key: a colon is missing behind the key",
                "`a:\n \u00a0b: 1`|write b",
                "`ä: 1`|is not a key: a key has lower-case letters and digits, with single dashes between them",
                "`socketforwarder.tcp.port: 1`|is not a key: in a file each of its words stands in the map of the word"
                        + " before; write \"transports: {tcp: {port: ...}}\"",
                "`transports.tcp.port: 1`|write \"transports: {tcp: {port: ...}}\"",
                "`socketforwarder.new_client_prefix: 1`|write new-client-prefix",
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
                "`a: 1\nb: [1, 2`|conf.yaml:2: this is not YAML: the list that begins here lacks a comma or its closing ]",
                "`a: 1\nb: [1,\n2\nc: 3`|conf.yaml:2: this is not YAML: the list that begins here lacks",
                "`a: {b: c\n\n`|conf.yaml:1: this is not YAML: the map that begins here lacks a comma or its closing }",
                "`a: \"x\ny: z`|conf.yaml:1: this is not YAML: a quote begins here that is not closed on this line",
                "`a: 'x\ny: z\nb: c`|conf.yaml:1: this is not YAML: a quote begins here that is not closed on this line",
                "`# \"\nb: 1\na: \"x\ny: [\"z\", 1]`|conf.yaml:3: this is not YAML: a quote begins here",
                "`q: \"two\n lines\"\na: [1`|conf.yaml:3: this is not YAML: the list that begins here",
                "`a:\n\tb: 1`|conf.yaml:2: this is not YAML: a tab stands here, and YAML takes only blanks",
                "`a:\n  b: 1\n \tc: 1`|conf.yaml:3: this is not YAML: a tab stands here",
                "`a:\n    b: 1\n   c: 2`|conf.yaml:3: this is not YAML: this line is indented by 3, unlike the lines before",
                "`a:\n  b: 1\n\n    c: 2`|conf.yaml:4: this is not YAML: this line is indented deeper than line 2, which has",
                "`a:\n  b\n    c: 2`|conf.yaml:2: this is not YAML: a colon is missing behind the key, as in \"port: 6753\"",
                "`a:\n  b 1\n  # c\n  c: 2`|conf.yaml:2: this is not YAML: a colon is missing behind the key",
                "`a:\n  b:1\n  c: 2`|conf.yaml:2: this is not YAML: a blank is missing behind the colon, as in",
                "`a:\n  b: 1\n  c\nd: 1`|conf.yaml:3: this is not YAML: a colon is missing behind the key",
                "`a:\n  b: 1\n  c:\n    - 1\n    -2\n  d: 1`|conf.yaml:5: this is not YAML: a blank is missing behind the dash",
                "`a: b:c: d`|conf.yaml:1: this is not YAML: the value has a colon, so it must be in quotes",
                "`a: 'it's'`|conf.yaml:1: this is not YAML: something follows behind the end of a value: a quote within",
                "`a: ::`|conf.yaml:1: this is not YAML: the value has a colon, so it must be in quotes",
                "`a: %b`|conf.yaml:1: this is not YAML: a value that begins with % must be in quotes",
                "`a: @b`|conf.yaml:1: this is not YAML: a value that begins with @ must be in quotes",
                "`a: {b: *}`|conf.yaml:1: this is not YAML: a value that begins with * or & must be in quotes",
                "`a: [::]`|conf.yaml:1: this is not YAML: a value is missing here, or has to be in quotes",
                "`debug:true`|the file must hold keys with values, as in \"debug: true\": a blank is missing behind the colon",
                "`debug true`|the file must hold keys with values, as in \"debug: true\": a colon is missing behind the key",
                "`a.b=1`|the file must hold keys with values, as in \"debug: true\": a colon is missing behind the key",
                "`a: {a: {a: {a: {a: {a: {a: {a: {a: 1}}}}}}}}`|conf.yaml:1: more than 8 levels are not allowed",
                "`<<: {a: 1}`|conf.yaml:1: \"<<\" is not a key",
                "`a:\n  port: !tag 6753`|conf.yaml:2: a.port has a tag, and tags are not allowed: remove the word with !",
                "`port: !!int 6753`|conf.yaml:1: port has a tag, and tags are not allowed",
                "`a: 1\nb: !!str 5`|conf.yaml:2: b has a tag",
                "`a: !env X`|conf.yaml:1: a has a tag",
                "`a: ! 5`|conf.yaml:1: a has a tag",
                "`a: !secret`|or put a value that begins with ! in quotes",
                "`a: !!null`|conf.yaml:1: a has a tag",
                "`a: !m {b: 1}`|conf.yaml:1: a has a tag",
                "`a: !l\n  - 1`|conf.yaml:1: a has a tag",
                "`a:\n  - 1\n  - !x 2`|conf.yaml:3: a has a tag",
                "`a:\n  - !x {b: 1}`|conf.yaml:2: a has a tag",
                "`a: 1\n!k b: 2`|conf.yaml:2: a key has a tag",
                "`!!map\na: 1`|conf.yaml:1: the file has a tag",
                "`%TAG ! tag:example.com,2026:\n---\na: !b 1`|conf.yaml:3: a has a tag",
            })
    void whatIsWrongIsToldWithItsLine(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void aTagIsNotShownSinceItMayBeASecret() {
        assertThatThrownBy(() -> parse("token: !hunter2")).hasMessageNotContaining("hunter2");
        assertThat(parse("token: '!hunter2'").get("token").text()).isEqualTo("!hunter2");
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
