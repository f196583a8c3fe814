package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.testkit.MapSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The test kit's settings and those of the server read each text alike, so that a plugin's tests tell what it will get. */
class MapSettingsTest {
    private enum Word {
        ONE,
        TWO_WORDS
    }

    private static final String KEY = "a";
    private static final Duration LONGEST = Duration.ofDays(20_000);
    private static final Map<String, Function<Settings, Object>> READERS = Map.of(
            "text", settings -> settings.text(KEY, "fallback"),
            "flag", settings -> settings.flag(KEY, true),
            "number", settings -> settings.number(KEY, 5, -3, 70_000),
            "required", settings -> settings.required(KEY, 0, 9),
            "size", settings -> settings.size(KEY, 5, 1, 1L << 40),
            "duration", settings -> settings.duration(KEY, Duration.ofSeconds(7), Duration.ZERO, LONGEST),
            "choice", settings -> settings.choice(KEY, Word.ONE),
            "list", settings -> settings.list(KEY, List.of("x")));

    /** What a configuration may have, but a test of a plugin may not. */
    private static final Set<String> FURTHER_SPELLINGS = Set.of("64K", "1.5MiB", "2m", "1d", "1m30s");

    private static Object answer(Settings settings, Function<Settings, Object> reader) {
        try {
            return reader.apply(settings);
        } catch (SettingException _) {
            return SettingException.class;
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "0",
                "1",
                "-1",
                "-4",
                "+1",
                " 2 ",
                "007",
                "70000",
                "70001",
                "9999999999999999999",
                "1e3",
                "0x1",
                "1b",
                "64KiB",
                "64kib",
                "64 KiB",
                "64  KiB",
                "1MiB",
                "1mib",
                "2GiB",
                "1024GiB",
                "1025GiB",
                "1TiB",
                "64K",
                "1.5MiB",
                "99999999999GiB",
                "5s",
                "5S",
                "5 s",
                "500ms",
                "2m",
                "1h",
                "24h",
                "1d",
                "-1s",
                "PT5S",
                "1m30s",
                "9999999999s",
                "true",
                "TRUE",
                "Yes",
                "on",
                "off",
                "no",
                "maybe",
                "one",
                "ONE",
                "two-words",
                "two_words",
                " one ",
                "a,b",
                " a , b ,",
                ",",
                "a,,b",
                "\u0661"
            })
    void bothReadATextAlike(String text) {
        // What no file has to say what it is: a list in one text is parted by commas.
        var setting = Setting.text("transports.t." + KEY, text, Origin.commandLine("--set"));
        READERS.forEach((name, reader) -> {
            var ours = answer(new Configuration(new Sources(List.of(setting))).endpoint("t"), reader);
            var plain = answer(new MapSettings(Map.of(KEY, text)), reader);
            boolean isSpelledOtherwise = plain == SettingException.class && FURTHER_SPELLINGS.contains(text);
            if (!isSpelledOtherwise) {
                assertThat(plain).as(name + " of \"" + text + "\"").isEqualTo(ours);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {4_096, 4_097})
    void bothBoundTexts(int length) {
        bothReadATextAlike("x".repeat(length));
    }
}
