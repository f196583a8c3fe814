package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.runtime.testing.Fakes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    enum Half {
        CLOSE,
        KEEP_OPEN
    }

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private static Settings tcp(String yaml) {
        return Fakes.yaml("transports:\n  tcp:\n    " + yaml + "\n").endpoint("tcp");
    }

    @Test
    void defaultsWhereNothingIsSet() {
        var settings = tcp("other: 1");

        assertThat(settings.text("a", "x")).isEqualTo("x");
        assertThat(settings.flag("a", true)).isTrue();
        assertThat(settings.number("a", 5, 1, 9)).isEqualTo(5);
        assertThat(settings.size("a", 5, 1, 9)).isEqualTo(5);
        assertThat(settings.duration("a", SECOND, SECOND, MINUTE)).isEqualTo(SECOND);
        assertThat(settings.choice("a", Half.CLOSE)).isEqualTo(Half.CLOSE);
        assertThat(settings.list("a", List.of("x"))).containsExactly("x");
        assertThatThrownBy(() -> settings.required("a", 1, 9))
                .isInstanceOf(MissingSettingException.class)
                .hasMessage("transports.tcp.a is not set");
    }

    @Test
    void valuesOfEachType() {
        assertThat(tcp("a: x y").text("a", "")).isEqualTo("x y");
        assertThat(tcp("a: 5").text("a", "")).isEqualTo("5");
        assertThat(tcp("a: \"\"").text("a", "x")).isEmpty();
        assertThat(tcp("a: true").flag("a", false)).isTrue();
        assertThat(tcp("a: \"7\"").number("a", 5, 1, 9)).isEqualTo(7);
        assertThat(tcp("a: 9").required("a", 1, 9)).isEqualTo(9);
        assertThat(tcp("a: 2KiB").size("a", 5, 1, 4096)).isEqualTo(2048);
        assertThat(tcp("a: 1500ms").duration("a", SECOND, SECOND, MINUTE)).isEqualTo(Duration.ofMillis(1500));
        assertThat(tcp("a: keep-open").choice("a", Half.CLOSE)).isEqualTo(Half.KEEP_OPEN);
        assertThat(tcp("a: [x, 'y,z']").list("a", List.of())).containsExactly("x", "y,z");
        assertThat(tcp("a: x,y").list("a", List.of())).containsExactly("x,y");
        assertThat(tcp("a: []").list("a", List.of("x"))).isEmpty();
    }

    static Stream<Arguments> wrongValues() {
        Consumer<Settings> text = settings -> settings.text("a", "");
        Consumer<Settings> flag = settings -> settings.flag("a", false);
        Consumer<Settings> number = settings -> settings.number("a", 1, 1, 65_535);
        Consumer<Settings> required = settings -> settings.required("a", 1, 65_535);
        Consumer<Settings> size = settings -> settings.size("a", 1, 1, 1 << 20);
        Consumer<Settings> duration = settings -> settings.duration("a", SECOND, SECOND, MINUTE);
        Consumer<Settings> choice = settings -> settings.choice("a", Half.CLOSE);
        Consumer<Settings> list = settings -> settings.list("a", List.of());
        var ofText = "a text of at most 4096 characters";
        var ofNumber = "a whole number from 1 to 65535";
        var ofSize = "a number of bytes from 1 to 1MiB, as in 65536, 64KiB, 1.5MiB or 1MB";
        var ofTime = "a time from 1s to 1m, as in 500ms, 5s, 2m or 1d";
        var ofList = "a text or a list of texts, at most 10000 of at most 4096 characters each";
        return Stream.of(
                Arguments.of("[x]", text, "a list", ofText),
                Arguments.of("{x: 1}", text, "a map", ofText),
                Arguments.of("", text, "empty", ofText),
                Arguments.of("x".repeat(4097), text, "\"" + "x".repeat(80) + "...\"", ofText),
                Arguments.of("maybe", flag, "\"maybe\"", "true or false"),
                Arguments.of("5", flag, "\"5\"", "true or false"),
                Arguments.of("[true]", flag, "a list", "true or false"),
                Arguments.of("abc", number, "\"abc\"", ofNumber),
                Arguments.of("1.5", number, "\"1.5\"", ofNumber),
                Arguments.of("0", number, "\"0\"", ofNumber),
                Arguments.of("65536", number, "\"65536\"", ofNumber),
                Arguments.of("-1", required, "\"-1\"", ofNumber),
                Arguments.of("{x: 1}", required, "a map", ofNumber),
                Arguments.of("", required, "empty", ofNumber),
                Arguments.of("2MiB", size, "\"2MiB\"", ofSize),
                Arguments.of("64 kilo", size, "\"64 kilo\"", ofSize),
                Arguments.of("2m", duration, "\"2m\"", ofTime),
                Arguments.of("soon", duration, "\"soon\"", ofTime),
                Arguments.of("Close", choice, "\"Close\"", "close or keep-open"),
                Arguments.of("{x: 1}", list, "a map", ofList),
                Arguments.of("", list, "empty", ofList),
                Arguments.of("\"x\\ny\\e\"", flag, "\"x\\ny\\x1b\"", "true or false"));
    }

    @ParameterizedTest
    @MethodSource("wrongValues")
    void aWrongValueIsToldWithPlaceKeyAndWhatIsAllowed(
            String yaml, Consumer<Settings> reader, String shown, String allowed) {
        assertThatThrownBy(() -> reader.accept(tcp("a: " + yaml)))
                .hasMessage("conf.yaml:3: transports.tcp.a is " + shown + ", but must be " + allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "1", "yes", "on", " true "})
    void theEnvironmentHasManyWordsForTrue(String text) {
        var settings = Fakes.merged("", Map.of("socketforwarder.debug", text)).topLevel();

        assertThat(settings.flag("debug", false)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a,b|a,b",
                "[a, b]|a,b",
                "[\"a\", 'b']|a,b",
                "\"a\"|a",
                "[]|``",
                "[[::1]:80, [::2]:80]|[::1]:80,[::2]:80",
                "[::1]:80,[::2]|[::1]:80,[::2]",
                "[a|[a"
            })
    void aListOutsideYamlMayHaveBrackets(String text, String elements) {
        var settings = Fakes.merged("", Map.of(), "a=" + text).topLevel();

        assertThat(String.join(",", settings.list("a", List.of("x")))).isEqualTo(elements);
    }

    @Test
    void aTextWithCommasInTheFileIsNoList() {
        var settings = Fakes.yaml("allow: 10.0.0.0/8, 127.0.0.1").topLevel();

        assertThatThrownBy(() -> AddressFilter.read(settings))
                .hasMessageEndingWith("; in the file a list has brackets: [a, b]");
    }

    @Test
    void commasPartElementsOutsideYaml() {
        var environment = Map.of("SOCKETFORWARDER_TCP_PRECONFIG_ADDRESSES", "g:a:1, g:[::1]:*,");
        var settings = Fakes.merged("", environment, "host-address=127.0.0.1,::1");

        assertThat(settings.endpoint("tcp").list("preconfig-addresses", List.of()))
                .containsExactly("g:a:1", "g:[::1]:*");
        assertThat(settings.topLevel().list("host-address", List.of())).containsExactly("127.0.0.1", "::1");
    }

    @Test
    void anElementIsToldWithItsOwnLine() {
        var settings = tcp("a:\n      - fine\n      - \"b\\ad\"");

        assertThat(settings.invalid("a", "b\u0007d", "group:host:port"))
                .hasMessage("conf.yaml:5: transports.tcp.a is \"b\\x07d\", but must be group:host:port");
        assertThat(settings.invalid("a", "other", "it"))
                .hasMessage("conf.yaml:3: transports.tcp.a is \"other\", but must be it");
        assertThat(settings.invalid("b", "x", "it")).hasMessage("transports.tcp.b is \"x\", but must be it");
    }

    @Test
    void otherSourcesAreNamedAsWell() {
        var configuration = Fakes.merged("", Map.of("socketforwarder.tcp.port", "x"), "debug=maybe");

        assertThatThrownBy(() -> configuration.endpoint("tcp").required("port", 0, 9))
                .hasMessage("environment variable socketforwarder.tcp.port: transports.tcp.port is \"x\", but must be a"
                        + " whole number from 0 to 9");
        assertThatThrownBy(() -> configuration.topLevel().flag("debug", false))
                .hasMessage("--set: debug is \"maybe\", but must be true or false");
    }

    /** File, environment and command line: a digit where the source has the value, a dot where it has none. */
    @ParameterizedTest
    @CsvSource({"..., 9", "1.., 1", ".2., 2", "..3, 3", "12., 2", "1.3, 3", ".23, 3", "123, 3"})
    void theStrongestSourceHolds(String sources, int expected) {
        var yaml = sources.charAt(0) == '.' ? "" : "transports: {tcp: {port: 1}}";
        var environment = sources.charAt(1) == '.' ? Map.<String, String>of() : Map.of("socketforwarder.tcp.port", "2");
        var set = sources.charAt(2) == '.' ? new String[0] : new String[] {"transports.tcp.port=3"};

        var settings = Fakes.merged(yaml, environment, set).endpoint("tcp");

        assertThat(settings.number("port", 9, 1, 9)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"host-address", "new-client-prefix", "max-read-in-size", "first-message"})
    void someKeysAreInherited(String key) {
        var yaml = key + ": top\ntransports:\n  tcp: {port: 1}\n  udp: {" + key + ": own}\n";
        var configuration = Fakes.yaml(yaml);

        assertThat(configuration.endpoint("tcp").text(key, "default")).isEqualTo("top");
        assertThat(configuration.endpoint("udp").text(key, "default")).isEqualTo("own");
        assertThat(configuration.endpoint("tcp").invalid(key, "top", "it"))
                .hasMessage("conf.yaml:1: " + key + " is \"top\", but must be it");
    }

    @Test
    void otherKeysAreNotInherited() {
        assertThat(Fakes.yaml("debug: true").endpoint("tcp").flag("debug", false))
                .isFalse();
    }

    @Test
    void anInheritedKeyOfTheEnvironmentIsWeakerThanTheEndpointsOwnInTheFile() {
        var configuration = Fakes.merged(
                "transports: {tcp: {host-address: 127.0.0.1}}", Map.of("SOCKETFORWARDER_HOST_ADDRESS", "10.0.0.1"));

        assertThat(configuration.endpoint("tcp").text("host-address", "")).isEqualTo("127.0.0.1");
    }

    @Test
    void secretsAreNeverShown() {
        var settings = tcp("admin-token: [hunter2]");

        assertThatThrownBy(() -> settings.text("admin-token", ""))
                .hasMessageContaining("********")
                .hasMessageNotContaining("hunter2");
        assertThat(settings.invalid("admin-token", "hunter2", "longer")).hasMessageNotContaining("hunter2");
        assertThat(Secrets.isSecret("transports.tcp.password")).isTrue();
        assertThat(Secrets.isSecret("transports.tcp.port")).isFalse();
    }
}
