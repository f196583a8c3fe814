package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.commands.ConfigCommand;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of maps. */
class SectionsTest {
    private static final String YAML = """
            transports:
              tcp:
                port: 1
                connect:
                  - { group: a, to: "x:1" }
                  - group: b
                    to: y:2
            """;

    private static Configuration yaml(String connect) {
        return Fakes.yaml("transports:\n  tcp:\n    connect: " + connect + "\n");
    }

    private static List<String> read(Configuration configuration) {
        return configuration.endpoint("tcp").sections("connect").stream()
                .map(SectionsTest::read)
                .toList();
    }

    private static String read(Settings section) {
        return section.text("group", "none") + " " + section.text("to", "nowhere");
    }

    @Test
    void elementsAreReadInTheirOrder() {
        assertThat(read(Fakes.yaml(YAML))).containsExactly("a x:1", "b y:2");
        var many = new StringBuilder("[");
        for (int i = 1; i <= 12; i++) {
            many.append(i == 1 ? "" : ", ").append("{group: g").append(i).append("}");
        }
        assertThat(read(yaml(many + "]"))).hasSize(12).last().isEqualTo("g12 nowhere");
    }

    @ParameterizedTest
    @CsvSource({"[]", "''", "'# nothing'"})
    void thereMayBeNone(String text) {
        assertThat(read(yaml(text))).isEmpty();
        assertThat(read(Fakes.yaml(""))).isEmpty();
    }

    @Test
    void strongerSourcesChangeElementsAndAddTo() {
        var environment = Map.of(
                "SOCKETFORWARDER_TCP_CONNECT_2_TO", "z:3",
                "socketforwarder.tcp.connect.3.group", "c");
        var configuration = Fakes.merged(YAML, environment, "transports.tcp.connect.1.group=d");

        assertThat(read(configuration)).containsExactly("d x:1", "b z:3", "c nowhere");
        assertThat(read(Fakes.merged("", environment))).containsExactly("none z:3", "c nowhere");
    }

    @Test
    void variablesReachSectionsOfAnElement() {
        var environment = Map.of(
                "SOCKETFORWARDER_TCP_CONNECT_2_TLS_SERVER_NAME", "x",
                "socketforwarder.tcp.connect.1.tls.ca", "y");
        var sections = Fakes.merged(YAML, environment).endpoint("tcp").sections("connect");

        assertThat(sections).map(each -> each.section("tls").text("ca", "none")).containsExactly("y", "none");
        assertThat(sections)
                .map(each -> each.section("tls").text("server-name", "none"))
                .containsExactly("none", "x");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "g:x:1           | conf.yaml:3: transports.tcp.connect is a text, but must be a list of maps of keys with"
                        + " values, as in \"connect: [{group: chat, to: \"10.0.0.1:6753\"}]\"",
                "[g:x:1]         | conf.yaml:3: transports.tcp.connect is a list, but must be a list of maps",
                "{ group: g }    | conf.yaml:3: transports.tcp.connect is a map, but must be a list of maps",
            })
    void whatIsNoListOfMapsIsToldWithItsPlace(String text, String message) {
        assertThatThrownBy(() -> read(yaml(text)))
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("indent");
    }

    @Test
    void aListOfMapsIsNoListOfTexts() {
        assertThatThrownBy(() -> yaml("[{ group: g }]").endpoint("tcp").list("connect", List.of()))
                .hasMessageStartingWith(
                        "conf.yaml:3: transports.tcp.connect is a list of maps, but must be a text or a list of texts");
        assertThatThrownBy(() -> read(Fakes.merged(YAML, Map.of(), "transports.tcp.connect.1=x")))
                .hasMessageStartingWith("--set: transports.tcp.connect.1 is a text, but must be a map");
    }

    @Test
    void aKeyThatIsMissingIsToldWithThePlaceOfItsElement() {
        var second = Fakes.yaml(YAML).endpoint("tcp").sections("connect").get(1);

        assertThat(second.invalid("send", "", "something"))
                .hasMessage("conf.yaml:6: transports.tcp.connect.2.send is \"\", but must be something");
    }

    @Test
    void aKeyThatNobodyReadsIsUnknown() {
        var configuration = yaml("[{ group: g, too: \"x:1\" }]");
        configuration.endpointNames();
        read(configuration);

        assertThatThrownBy(configuration::unread)
                .hasMessageStartingWith("conf.yaml:3: transports.tcp.connect.1.too is unknown; did you mean"
                        + " transports.tcp.connect.1.to?");
    }

    @Test
    void whatIsPrintedIsTheSameConfiguration() {
        var configuration = Fakes.yaml(YAML);
        var tcp = configuration.endpoint("tcp");
        read(configuration);
        tcp.number("port", 0, 0, 9);
        tcp.section("tls").text("client-auth", "k");
        var out = new ByteArrayOutputStream();
        ConfigCommand.print(configuration, new PrintStream(out, true, StandardCharsets.UTF_8));
        var printed = out.toString(StandardCharsets.UTF_8);

        var again = Fakes.yaml(printed);
        assertThat(read(again)).as(printed).containsExactly("a x:1", "b y:2");
        assertThat(again.endpoint("tcp").number("port", 0, 0, 9)).isEqualTo(1);
        assertThat(again.endpoint("tcp").section("tls").text("client-auth", "")).isEqualTo("k");
    }
}
