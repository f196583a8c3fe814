package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.socketforwarder.tests.Launch.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests files, environment and command line: which settings are in force, and which are refused. */
class ConfigurationTest {

    /** {@return what {@code socketforwarder config} prints for a key, below an endpoint if there is a slash} */
    private static String inForce(Result config, String path) {
        assertThat(config.exitCode()).as(config.errText()).isZero();
        var endpoint = path.contains("/") ? path.substring(0, path.indexOf('/')) : "";
        var key = path.substring(path.indexOf('/') + 1);
        var current = "";
        for (var line : config.out()) {
            if (line.matches("  [a-z0-9-]+:")) {
                current = line.strip().replace(":", "");
            } else if (!line.startsWith(" ")) {
                current = "";
            }
            if (current.equals(endpoint) && line.strip().startsWith(key + ": ")) {
                return line.strip().substring(key.length() + 2).replaceAll(" {2,}# ", " # ");
            }
        }
        throw new AssertionError("no " + path + " in:\n" + config.outText());
    }

    private static void isOneLineWithoutTrace(Result result) {
        var told = result.err().stream()
                .filter(line -> !line.contains(" INFO ") && !line.contains(" WARN"))
                .toList();
        assertThat(told).as(result.errText()).hasSize(1);
        assertThat(result.errText()).doesNotContain("Exception", "\tat ", "    at ");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void environmentOverridesTheFileAndTheCommandLineBoth() {
        var yaml = "transports: { tcp: { port: 7001 }, udp: { port: 7002, echo: true } }\ngrace-period: 3s\n";
        var file = Launch.with("config").yaml(yaml).run();
        assertThat(inForce(file, "tcp/port")).startsWith("7001 # ").endsWith(".yaml:1");
        assertThat(inForce(file, "udp/echo")).startsWith("true # ");
        assertThat(inForce(file, "grace-period")).startsWith("3s # ").endsWith(".yaml:2");

        var both = Launch.with("config")
                .yaml(yaml)
                .env("SOCKETFORWARDER_TCP_PORT", "7003")
                .env("socketforwarder.udp.port", "7004")
                .run();
        assertThat(inForce(both, "tcp/port")).isEqualTo("7003 # environment variable SOCKETFORWARDER_TCP_PORT");
        assertThat(inForce(both, "udp/port")).isEqualTo("7004 # environment variable socketforwarder.udp.port");
        assertThat(inForce(both, "udp/echo")).startsWith("true # ");

        var all = Launch.with("config", "--set", "transports.udp.port=7006", "7005")
                .yaml(yaml)
                .env("SOCKETFORWARDER_TCP_PORT", "7003")
                .env("socketforwarder.udp.port", "7004")
                .run();
        assertThat(inForce(all, "tcp/port")).startsWith("7005 # ");
        assertThat(inForce(all, "udp/port")).startsWith("7006 # ");
    }

    @Test
    void environmentOverridesTheFileInARunningForwarder() {
        try (var forwarder = Launch.onFreePorts()
                        .yaml("host-address: 192.0.2.1\nnew-client-prefix: \"X:\"\ntransports: { tcp: { port: 1 } }\n")
                        .env("socketforwarder.new_client_prefix", "Y:")
                        .start();
                var one = TcpClient.connect(forwarder.tcp()).send("Y:g\n");
                var other = TcpClient.connect(forwarder.tcp()).send("Y:g\n")) {
            forwarder.awaitJoined(one, "g");
            forwarder.awaitJoined(other, "g");
            one.send("hello");
            other.expect("hello");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "socketforwarder.tcp.port                | 7001            | tcp/port            | 7001",
                "socketforwarder.udp.port                | 7002            | udp/port            | 7002",
                "socketforwarder.host_address            | 127.0.0.1       | tcp/host-address    | 127.0.0.1",
                "socketforwarder.host_address            | 127.0.0.1,::1   | tcp/host-address    | [127.0.0.1, ::1]",
                "socketforwarder.new_client_prefix       | NEW-            | tcp/new-client-prefix | NEW-",
                "socketforwarder.max_read_in_size        | 10240           | udp/max-read-in-size | 10KiB",
                "socketforwarder.debug                   | true            | debug               | true",
                "socketforwarder.tcp.preconfig_addresses | a:127.0.0.1:1,b:127.0.0.2:2 | tcp/preconfig-addresses | [a:127.0.0.1:1, b:127.0.0.2:2]",
                "socketforwarder.udp.preconfig_addresses | 127.0.0.1:1,127.0.0.2:2 | udp/preconfig-addresses | [127.0.0.1:1, 127.0.0.2:2]",
                "tcp.preconfig_addresses                 | a:127.0.0.1:1   | tcp/preconfig-addresses | a:127.0.0.1:1",
                "udp.preconfig_addresses                 | 127.0.0.1:1     | udp/preconfig-addresses | 127.0.0.1:1",
                "SOCKETFORWARDER_TCP_PORT                | 7003            | tcp/port            | 7003",
                "SOCKETFORWARDER_HOST_ADDRESS            | 127.0.0.1       | udp/host-address    | 127.0.0.1",
                "SOCKETFORWARDER_TCP_HOST_ADDRESS        | 127.0.0.1       | tcp/host-address    | 127.0.0.1",
                "socketforwarder.udp.host_address        | 127.0.0.1       | udp/host-address    | 127.0.0.1",
                "SOCKETFORWARDER_UDP_MAX_REGISTRATIONS   | 7               | udp/max-registrations | 7",
                "socketforwarder.udp.max_registrations   | 7               | udp/max-registrations | 7",
                "SOCKETFORWARDER_TCP_FIRST_MESSAGE_LIMIT | 2KiB            | tcp/first-message-limit | 2KiB",
                "socketforwarder.tcp.first_message_limit | 2KiB            | tcp/first-message-limit | 2KiB",
                "SOCKETFORWARDER_TCP_PRECONFIG_ADDRESSES | g:[::1]:*       | tcp/preconfig-addresses | g:[::1]:*",
                "SOCKETFORWARDER_GRACE_PERIOD            | 1500ms          | grace-period        | 1500ms",
                "socketforwarder.grace_period            | 2               | grace-period        | 2s",
                "SOCKETFORWARDER_LOG_FORMAT              | json            | log-format          | json",
                "socketforwarder.log_output              | stdout          | log-output          | stdout",
            })
    void bothSpellingsOfTheEnvironment(String name, String value, String path, String shown) {
        var launch = Launch.with("config");
        if (!name.equals("socketforwarder.tcp.port") && !name.equals("SOCKETFORWARDER_TCP_PORT")) {
            launch.arg("1");
            if (!name.equals("socketforwarder.udp.port")) {
                launch.arg("1");
            }
        }
        var config = launch.env(name, value).run();
        var line = inForce(config, path).replace("\"", "");
        assertThat(line.substring(0, line.indexOf(" # "))).isEqualTo(shown);
        assertThat(line).contains(name);
        assertThat(config.errText()).doesNotContain("unknown");
    }

    @Test
    void originalsCommandLine() {
        int tcp = FreePorts.tcp("127.0.0.1");
        int udp = FreePorts.udp("127.0.0.1");
        try (var forwarder = Launch.with(Integer.toString(tcp), Integer.toString(udp))
                .env("socketforwarder.host_address", "127.0.0.1")
                .start()) {
            assertThat(forwarder.tcp().getPort()).isEqualTo(tcp);
            assertThat(forwarder.udp().getPort()).isEqualTo(udp);
        }
    }

    @Test
    void environmentCreatesAnEndpointByItsType() {
        var config = Launch.with("config")
                .env("SOCKETFORWARDER_TELEMETRY_TYPE", "udp")
                .env("SOCKETFORWARDER_TELEMETRY_PORT", "7001")
                .env("socketforwarder.my_own.type", "udp")
                .env("socketforwarder.my_own.port", "7002")
                .env("SOCKETFORWARDER_MY_OWN_MAX_READ_IN_SIZE", "100")
                .run();
        assertThat(inForce(config, "telemetry/port")).startsWith("7001 # ");
        assertThat(inForce(config, "my-own/port")).startsWith("7002 # ");
        assertThat(inForce(config, "my-own/max-read-in-size")).startsWith("100 # ");
    }

    @Test
    void environmentWithoutATypeCreatesNone() {
        var result = Launch.with("check", "0")
                .env("SOCKETFORWARDER_TELEMETRY_PORT", "7001")
                .env("SOCKETFORWARDER_DEBUG_TYPE", "udp")
                .run();
        assertThat(result.exitCode()).isZero();
        assertThat(result.outText()).contains("tcp").doesNotContain("telemetry", "debug");
        assertThat(result.errText()).contains("SOCKETFORWARDER_TELEMETRY_PORT", "SOCKETFORWARDER_DEBUG_TYPE");
    }

    @Test
    void longestConfiguredNameWins() {
        var config = Launch.with("config")
                .yaml("""
                        transports:
                          my: { type: udp, port: 1 }
                          my-udp: { type: udp, port: 2 }
                        """)
                .env("SOCKETFORWARDER_MY_UDP_PORT", "7001")
                .env("SOCKETFORWARDER_MY_PORT", "7002")
                .run();
        assertThat(inForce(config, "my-udp/port")).startsWith("7001 # ");
        assertThat(inForce(config, "my/port")).startsWith("7002 # ");
    }

    @Test
    void unknownVariableIsAWarningThatSuggests() {
        var result =
                Launch.with("check", "0").env("SOCKETFORWARDER_TPC_PORT", "1").run();
        assertThat(result.exitCode()).isZero();
        assertThat(result.err().stream().filter(line -> line.contains("SOCKETFORWARDER_TPC_PORT")))
                .singleElement()
                .asString()
                .contains("WARN", "SOCKETFORWARDER_TCP_PORT");
    }

    @Test
    void serviceLinksOfKubernetesAreIgnoredWithOneWarning() {
        var links = new TreeMap<String, String>();
        for (var service :
                List.of("SOCKETFORWARDER", "SOCKETFORWARDER_TCP", "SOCKETFORWARDER_UDP", "SOCKETFORWARDER_X")) {
            links.put(service + "_SERVICE_HOST", "10.0.0.1");
            links.put(service + "_SERVICE_PORT", "6753");
            links.put(service + "_SERVICE_PORT_TCP", "6753");
            links.put(service + "_SERVICE_PORT_FORWARD_UDP", "6753");
            links.put(service + "_PORT", "tcp://10.0.0.1:6753");
            for (var protocol : List.of("TCP", "UDP")) {
                var port = service + "_PORT_6753_" + protocol;
                links.put(port, protocol.toLowerCase() + "://10.0.0.1:6753");
                links.put(port + "_PROTO", protocol.toLowerCase());
                links.put(port + "_PORT", "6753");
                links.put(port + "_ADDR", "10.0.0.1");
            }
        }
        try (var forwarder = Launch.with()
                        .env(links)
                        .env("socketforwarder.tcp.port", "0")
                        .env("socketforwarder.udp.port", "0")
                        .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                        .env("SOCKETFORWARDER_DEBUG", "true")
                        .start();
                var one = forwarder.join("k8s");
                var other = forwarder.join("k8s")) {
            one.send("works");
            other.expect("works");
            assertThat(forwarder.err().matching(line -> line.contains("WARN"))).hasSize(1);
        }
        var nothing = Launch.with("check").env(links).run();
        assertThat(nothing.exitCode()).as(nothing.errText()).isZero();
        assertThat(nothing.errText()).contains("conf/socketforwarder.yaml").doesNotContain("10.0.0.1");
    }

    @Test
    void plainPortBesideAServiceLinkIsASetting() {
        var config = Launch.with("config")
                .env("SOCKETFORWARDER_TCP_SERVICE_HOST", "10.0.0.1")
                .env("SOCKETFORWARDER_TCP_PORT", "7001")
                .run();
        assertThat(inForce(config, "tcp/port")).startsWith("7001 # ");
    }

    @Test
    void nobodyReadsOfATransportThatNobodyAskedFor() {
        try (var forwarder = Launch.with("--set", "transports.tcp.port=0", "--set", "host-address=127.0.0.1")
                .start()) {
            forwarder.stop();
            assertThat(forwarder.err().matching(line -> line.contains("udp"))).isEmpty();
        }
    }

    @Test
    void aTransportThatIsConfiguredWithoutAPortIsAWarning() {
        try (var forwarder = Launch.with("--set", "transports.tcp.port=0", "--set", "host-address=127.0.0.1")
                .arg("--set")
                .arg("transports.udp.lease=5m")
                .start()) {
            forwarder.stop();
            assertThat(forwarder.err().matching(line -> line.contains("udp")))
                    .singleElement()
                    .asString()
                    .endsWith("WARN  --set: udp does not run: transports.udp.port is not set");
        }
    }

    @Test
    void nothingToRunSaysWhatToSet() {
        for (var command : List.of(Launch.with(), Launch.with("check"))) {
            // Without any settings the image's own file applies.
            var result = command.env("SOCKETFORWARDER_GRACE_PERIOD", "1s").run();
            assertThat(result.exitCode()).isEqualTo(2);
            isOneLineWithoutTrace(result);
            assertThat(result.errText()).contains("SOCKETFORWARDER_TCP_PORT", "--config", "transports.udp.port");
        }
    }

    static Stream<Arguments> wrongFiles() {
        var tcp = "transports:\n  tcp:\n    port: 1\n";
        return Stream.of(
                arguments("unknown key at the top", "dbug: true\n", 1, List.of("dbug", "debug")),
                arguments("unknown key of an endpoint", tcp + "    prot: 2\n", 4, List.of("prot", "port")),
                arguments(
                        "a rate of datagrams",
                        "transports:\n  udp:\n    member-rate: 1KiB\n",
                        3,
                        List.of("member-rate", "1KiB", "connections")),
                arguments("another transport's key", tcp + "    echo: true\n", 4, List.of("echo")),
                arguments("duplicate key", "debug: true\ndebug: true\n", 2, List.of("debug")),
                arguments("duplicate endpoint", tcp + "  tcp:\n    port: 2\n", 4, List.of("tcp")),
                arguments(
                        "a text for a number",
                        "transports:\n  tcp:\n    port: many\n",
                        3,
                        List.of("port", "many", "65535")),
                arguments("a list for a number", "transports:\n  tcp:\n    port: [1]\n", 3, List.of("port", "65535")),
                arguments("a map for a number", "transports:\n  tcp:\n    port: {a: 1}\n", 3, List.of("port")),
                arguments("nothing for a number", "transports:\n  tcp:\n    port:\n", 3, List.of("port")),
                arguments(
                        "a number above",
                        "transports:\n  tcp:\n    port: 65536\n",
                        3,
                        List.of("port", "65536", "65535")),
                arguments("a number below", "transports:\n  udp:\n    port: -1\n", 3, List.of("port", "-1", "0")),
                arguments("a fraction", "transports:\n  tcp:\n    port: 1.5\n", 3, List.of("port", "1.5")),
                arguments("a flag", "debug: perhaps\n" + tcp, 1, List.of("debug", "perhaps", "true", "false")),
                arguments("a size", "max-read-in-size: 1 mile\n" + tcp, 1, List.of("max-read-in-size", "1 mile")),
                arguments("a size of nothing", "max-read-in-size: 0\n" + tcp, 1, List.of("max-read-in-size", "0")),
                arguments("a time", "grace-period: soon\n" + tcp, 1, List.of("grace-period", "soon")),
                arguments("a choice", tcp + "    half-close: maybe\n", 4, List.of("half-close", "maybe", "keep")),
                arguments(
                        "an address",
                        tcp + "    preconfig-addresses: [\"g:h\"]\n",
                        4,
                        List.of("g:h", "group:host:port")),
                arguments(
                        "a CIDR block",
                        tcp + "    preconfig-addresses: [\"g:10.0.0.0/33:*\"]\n",
                        4,
                        List.of("10.0.0.0/33")),
                arguments(
                        "an element of several",
                        tcp + "    preconfig-addresses:\n      - \"g:127.0.0.1:1\"\n      - \"g:127.0.0.1:0\"\n",
                        6,
                        List.of("g:127.0.0.1:0")),
                arguments("a map of transports", "transports: tcp\n", 1, List.of("transports", "a text")),
                arguments("an endpoint", "transports:\n  tcp: 6753\n", 2, List.of("tcp", "a text")),
                arguments(
                        "a type", "transports:\n  x:\n    type: sctp\n    port: 1\n", 3, List.of("sctp", "tcp", "udp")),
                arguments("no type", "transports:\n  x:\n    port: 1\n", 2, List.of("type", "tcp", "udp")),
                arguments(
                        "a top-level key as an endpoint",
                        "transports:\n  debug:\n    type: udp\n    port: 1\n",
                        2,
                        List.of("debug")),
                arguments("a handshake", tcp + "    handshake: [secret]\n", 4, List.of("secret", "prefix")),
                arguments(
                        "a key of a policy that is not asked",
                        tcp + "    handshake: [prefix]\n    preconfig-addresses: ['g:127.0.0.1:*']\n",
                        5,
                        List.of("the policy address reads it", "handshake: [address, prefix]")),
                arguments("a tag", "transports:\n  tcp:\n    port: !!int 1\n", 3, List.of("port", "tag")),
                arguments("an empty prefix", "new-client-prefix: \"\"\n" + tcp, 1, List.of("new-client-prefix")),
                arguments(
                        "no room for a first message",
                        "new-client-prefix: " + "x".repeat(40) + "\n" + tcp + "    first-message-limit: 32\n",
                        5,
                        List.of("first-message-limit", "32", "at least 41")),
                arguments("no YAML", tcp + "  udp: [\n", 4, List.of()),
                arguments("no map", "- a\n- b\n", 1, List.of()),
                arguments("two documents", tcp + "---\n" + tcp, 4, List.of()),
                arguments("a tab", "transports:\n\ttcp:\n", 2, List.of()),
                arguments(
                        "an alias",
                        "host-address: &a 127.0.0.1\nnew-client-prefix: *a\n" + tcp,
                        2,
                        List.of("new-client-prefix")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongFiles")
    void wrongFileIsOneLineWithItsPlace(String what, String yaml, int line, List<String> mentions) {
        var result = Launch.with("check").yaml(yaml).run();
        assertThat(result.exitCode()).as(what + "\n" + result.errText()).isEqualTo(2);
        isOneLineWithoutTrace(result);
        var told = result.err().getLast();
        mentions.forEach(mention -> assertThat(told).contains(mention));
        assertThat(told).matches(".*\\.yaml:[0-9]+:.*");
        // A parser may notice only on the next line that something is missing.
        assertThat(told).containsAnyOf(".yaml:" + line + ":", mentions.isEmpty() ? ".yaml:" + (line + 1) + ":" : "\0");
        assertThat(told.length()).isLessThan(1_000);
    }

    @Test
    void aliasBombIsRefusedAtOnce() {
        var yaml = new StringBuilder("a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n");
        for (int i = 1; i < 10; i++) {
            yaml.append(("a%d: &a%d [" + "*a%d,".repeat(8) + "*a%d]\n")
                    .replace("%d,", (i - 1) + ",")
                    .replace("%d]", (i - 1) + "]")
                    .replace("%d", Integer.toString(i)));
        }
        long begin = System.nanoTime();
        var result = Launch.with("check").yaml(yaml.toString()).run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
        isOneLineWithoutTrace(result);
        assertThat(System.nanoTime() - begin).isLessThan(10_000_000_000L);
    }

    @Test
    void deepNestingIsRefused() {
        var result =
                Launch.with("check").yaml("a: " + "[".repeat(100_000) + "\n").run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
        isOneLineWithoutTrace(result);
    }

    @Test
    void fileAboveOneMebibyteIsRefused() {
        var fits = "transports: { tcp: { port: 1 } }\n";
        var limit = 1 << 20;
        assertThat(Launch.with("check")
                        .yaml(fits + "#".repeat(limit - fits.length()))
                        .run()
                        .exitCode())
                .isZero();
        var result = Launch.with("check")
                .yaml(fits + "#".repeat(limit - fits.length() + 1))
                .run();
        assertThat(result.exitCode()).isEqualTo(2);
        isOneLineWithoutTrace(result);
        assertThat(result.errText()).contains("1 MiB");
    }

    @Test
    void fileThatIsNotThereIsOneLine() {
        for (var path : List.of("/no/such/file.yaml", "/tmp")) {
            var result = Launch.with("check", "--config", path).run();
            assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
            isOneLineWithoutTrace(result);
            assertThat(result.errText()).contains(path);
        }
    }

    @Test
    void errorsOfTheFileAreThoseOfTheRunToo() {
        var result = Launch.with().yaml("debug: 17\n").run();
        assertThat(result.exitCode()).isEqualTo(2);
        isOneLineWithoutTrace(result);
        assertThat(result.errText()).contains(".yaml:1:", "debug", "17");
    }

    @ParameterizedTest
    @CsvSource({
        "SOCKETFORWARDER_TCP_PORT, http, SOCKETFORWARDER_TCP_PORT",
        "socketforwarder.udp.port, 70000, socketforwarder.udp.port",
        "SOCKETFORWARDER_DEBUG, 17, SOCKETFORWARDER_DEBUG",
        "tcp.preconfig_addresses, nonsense, tcp.preconfig_addresses"
    })
    void wrongValueInTheEnvironmentIsAnErrorThatNamesTheVariable(String name, String value, String named) {
        var launch = Launch.with("check", "--set", "grace-period=1s").env(name, value);
        if (!name.endsWith("PORT")) {
            launch.arg("1");
        }
        var result = launch.run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
        isOneLineWithoutTrace(result);
        assertThat(result.errText()).contains(named, value);
    }

    @Test
    void wrongCommandLinesAreOneLine() {
        for (var arguments : List.of(
                List.of("--set", "transports.tcp.prot=1", "0"),
                List.of("--set", "nonsense"),
                List.of("--set"),
                List.of("--nonsense"),
                List.of("nonsense"),
                List.of("1", "2", "3"),
                List.of("65536"),
                List.of("--config"))) {
            var result = Launch.with(arguments.toArray(String[]::new)).run();
            assertThat(result.exitCode())
                    .as(arguments + "\n" + result.errText())
                    .isEqualTo(2);
            isOneLineWithoutTrace(result);
        }
    }

    @Test
    void theFileOfTheImageHoldsEveryKeyWithItsDefault() throws IOException {
        var file = Files.readString(Launch.HOME.resolve("conf/socketforwarder.yaml"));
        assertThat(Launch.with("check", "1", "1").yaml(file).run().exitCode()).isZero();

        // Without its comment signs it is a valid configuration too.
        var active = file.lines()
                .map(line -> line.replaceFirst("^(\\s*)#(?=[a-z-]+:)", "$1"))
                .collect(Collectors.joining("\n", "", "\n"));
        var config = Launch.with("config").yaml(active).run();
        assertThat(config.exitCode()).as(config.errText()).isZero();

        // Each default that it names is the one in force.
        var defaults = Launch.with("config", "1", "1").run();
        var paths = pathsOfDefaults(defaults);
        assertThat(paths).hasSizeGreaterThan(70);
        for (var path : paths) {
            assertThat(inForce(config, path))
                    .as(path)
                    .startsWith(inForce(defaults, path).split(" # ")[0] + " # ");
        }
        assertThat(config.out()).filteredOn(line -> line.contains(".yaml:")).hasSizeGreaterThan(70);
    }

    /** {@return the keys that have a default, below an endpoint with its name and a slash; without the address, which the file sets} */
    private static List<String> pathsOfDefaults(Result config) {
        var paths = new ArrayList<String>();
        var endpoint = "";
        for (var line : config.out()) {
            if (line.matches("  [a-z0-9-]+:")) {
                endpoint = line.strip().replace(":", "/");
            } else if (!line.startsWith(" ")) {
                endpoint = "";
            }
            if (line.matches(" *[a-z].*# default") && !line.contains("host-address:")) {
                paths.add(endpoint + line.strip().substring(0, line.strip().indexOf(':')));
            }
        }
        return paths;
    }
}
