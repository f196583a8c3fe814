package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.process.DirectMemory;
import dev.socketforwarder.runtime.server.ServerOptions;
import dev.socketforwarder.runtime.testing.Fakes;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    private static void readTcp(Configuration configuration) {
        configuration.endpointNames();
        var tcp = configuration.endpoint("tcp");
        tcp.number("port", 0, 0, 65_535);
        tcp.text("type", "tcp");
        tcp.flag("half-close", false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`transports:\n  tcp:\n    prot: 6753`|conf.yaml:3: transports.tcp.prot is unknown; did you mean"
                        + " transports.tcp.port? \"socketforwarder config\" prints all known keys",
                "`transports:\n  tcp:\n    colour: red`|conf.yaml:3: transports.tcp.colour is unknown; the nearest keys:"
                        + " transports.tcp.port, transports.tcp.type, transports.tcp.half-close; \"socketforwarder config\"",
                "`debgu: true`|conf.yaml:1: debgu is unknown; did you mean debug? ",
                "`verbose: true`|conf.yaml:1: verbose is unknown; did you mean debug? ",
                "`tcp:\n  port: 1`|conf.yaml:1: tcp is unknown; did you mean transports.tcp? ",
                "`tcp-port: 1`|conf.yaml:1: tcp-port is unknown; did you mean transports.tcp.port? ",
                "`port: 1`|conf.yaml:1: port is unknown; did you mean transports.tcp.port? ",
                "`endpoints: {tcp: {port: 1}}`|conf.yaml:1: endpoints is unknown; did you mean transports? ",
                "`socketforwarder:\n  tcp: {port: 1}`|conf.yaml:1: socketforwarder is unknown: leave it out, for its keys"
                        + " stand at the top level, and those of endpoints in transports; ",
                "`group-limit: 1`|conf.yaml:1: group-limit is unknown; did you mean group-rate or max-group-members?",
                "`transports:\n  tcp:\n    port:\n      x: 1`|conf.yaml:3: transports.tcp.port is a map, but must be",
                "`transports:\n  tcp:\n    admin-token: hunter2`|conf.yaml:3: transports.tcp.admin-token is unknown",
                "`transports:\n  tcp: 6753`|conf.yaml:2: transports.tcp is a text, but must be a map of keys with values; write \"tcp: {port: 6753}\"",
                "`transports:\n  tcp:\n  port: 1`|conf.yaml:3: transports.port is a text, but must be a map of keys with values; if it"
                        + " belongs to the map above, indent it",
                "`transports:\n  tcp:\n    port:6753`|conf.yaml:2: transports.tcp is a text, but must be a map of keys with"
                        + " values: a blank is missing behind the colon, as in \"port: 6753\" (conf.yaml:3)",
                "`transports:\n  tcp:\n    port 6753`|conf.yaml:2: transports.tcp is a text, but must be a map of keys with"
                        + " values: a colon is missing behind the key",
                "`transports: [tcp]`|conf.yaml:1: transports is a list, but must be a map of keys with values, as in"
                        + " \"transports: {tcp: {port: 6753}}\"",
                "`transports:\n  - tcp: {port: 1}`|conf.yaml:1: transports is a list of maps, but must be a map of keys with values, as in",
                "`transports:\n  debug: {}`|conf.yaml:2: transports.debug cannot be an endpoint, since debug is a key of the"
                        + " top level; choose another name",
            })
    void anUnknownKeyOfTheFileIsAnError(String yaml, String message) {
        assertThatThrownBy(() -> {
                    var configuration = Fakes.yaml(yaml);
                    readTcp(configuration);
                    configuration.unread();
                })
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(message)
                .hasMessageNotContaining("\n");
    }

    @Test
    void anUnknownKeyOfTheCommandLineIsAnError() {
        var configuration = Fakes.merged("", Map.of(), "transports.tcp.prot=1");
        readTcp(configuration);

        assertThatThrownBy(configuration::unread)
                .hasMessageStartingWith("--set: transports.tcp.prot is unknown; did you mean transports.tcp.port?");
    }

    @ParameterizedTest
    @CsvSource({
        "max_read_in_size=1, max-read-in-size",
        "transports.tcp.maxReadInSize=1, transports.tcp.max-read-in-size",
        "transports.tcp.port = 1, transports.tcp.port",
    })
    void anAssignmentToAKeyInAnotherSpellingIsCorrected(String text, String key) {
        assertThatThrownBy(() -> Inputs.override(text)).hasMessageEndingWith("; write --set " + key + "=...");
    }

    @ParameterizedTest
    @CsvSource({"tcp.port=1", "socketforwarder.tcp.port=1", "socketforwarder.transports.tcp.port=1"})
    void anAssignmentToAnEndpointOutsideOfTransportsIsCorrected(String assignment) {
        var configuration = Fakes.merged("", Map.of(), assignment);
        readTcp(configuration);

        assertThatThrownBy(configuration::unread).hasMessageContaining("; did you mean transports.tcp.port?");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "idle-timeout|here, although transports.tcp has such a key; did you mean transports.udp.lease?",
                "half-close|here, although transports.tcp has such a key; the nearest keys: ",
                "admin|here; did you mean admin at the top level?",
                "max-connections|here; did you mean max-connections at the top level?",
                "groups|; did you mean transports.udp.group?",
                "max-registration|; did you mean transports.udp.max-registrations?",
            })
    void aKeyOfAnotherTransportIsToldApart(String key, String hint) {
        var configuration = Fakes.yaml("transports: {udp: {%s: 1}}".formatted(key));
        var udp = configuration.endpoint("udp");
        List.of("port", "lease", "max-registrations", "group").forEach(each -> udp.text(each, ""));
        configuration.groupNames();
        var nobodys = Fakes.yaml("");
        nobodys.endpoint("tcp").text("idle-timeout", "");
        nobodys.endpoint("tcp").text("half-close", "");
        configuration.suggest(nobodys);
        configuration.endpointNames();

        assertThatThrownBy(configuration::unread)
                .hasMessageStartingWith("conf.yaml:1: transports.udp." + key + " is unknown")
                .hasMessageContaining(hint);
    }

    @Test
    void anOverriddenKeyMustBeKnownToo() {
        var configuration = Fakes.merged("colour: red", Map.of(), "colour=blue");

        assertThatThrownBy(configuration::unread).hasMessageStartingWith("conf.yaml:1: colour is unknown");
    }

    @Test
    void endpointsOfAllSources() {
        var configuration = Fakes.merged(
                "transports: {b: {type: tcp}, a: }",
                Map.of("SOCKETFORWARDER_UDP_PORT", "1", "SOCKETFORWARDER_C_TYPE", "udp"),
                "transports.d.port=1");

        assertThat(configuration.endpointNames()).containsExactly("b", "a", "c", "udp", "d");
    }

    @Test
    void everyKeyThatProcessReadsIsKnown() {
        var configuration = Fakes.yaml("");
        ServerOptions.read(configuration);

        assertThat(configuration.inForce())
                .extracting(Configuration.InForce::key)
                .filteredOn(key -> key.indexOf('.') < 0 && !Keys.INHERITED.contains(key))
                .containsExactlyElementsOf(Keys.PROCESS);
    }

    @Test
    void optionsHaveTheirDefaults() {
        var options = ServerOptions.read(Fakes.yaml(""));

        assertThat(options.debug()).isFalse();
        assertThat(options.logFormat()).isEqualTo(LogFormat.TEXT);
        assertThat(options.logOutput()).isEqualTo(LogOutput.STDERR);
        assertThat(options.gracePeriod()).hasSeconds(10);
        assertThat(options.eventLoops()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(options.maxQueued()).isEqualTo(Math.max(1 << 20, DirectMemory.limit() / 4));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "log-format: xml|conf.yaml:1: log-format is \"xml\", but must be text or json",
                "log-output: file|conf.yaml:1: log-output is \"file\", but must be stderr or stdout",
                "grace-period: 2h|conf.yaml:1: grace-period is \"2h\", but must be a time from 0s to 1h, as in",
                "event-loops: 0|conf.yaml:1: event-loops is \"0\", but must be a whole number from 1 to 256",
                "debug: maybe|conf.yaml:1: debug is \"maybe\", but must be true or false",
                "max-queued: 1KiB|conf.yaml:1: max-queued is \"1KiB\", but must be a number of bytes from 1MiB to ",
                "max-queued: 100000GiB|conf.yaml:1: max-queued is \"100000GiB\", but must be a number of bytes from 1MiB",
            })
    void wrongOptionsAreTold(String yaml, String message) {
        var configuration = Fakes.yaml(yaml);

        assertThatThrownBy(() -> ServerOptions.read(configuration)).hasMessageStartingWith(message);
    }

    @ParameterizedTest
    @CsvSource({"port", "=1", "a b=1", "Port=1", "transports..port=1", "transports.tcp.=1", "''"})
    void anAssignmentHasAKeyAndAValue(String text) {
        // But for a key, what stands there may be a secret.
        var shown = text.contains("=") ? " \"" + text.substring(0, text.indexOf('=')) + "=...\"" : "";
        assertThatThrownBy(() -> Inputs.override(text))
                .hasMessageStartingWith("--set" + shown + " is not KEY=VALUE, as in --set transports.tcp.port=6753");
    }
}
