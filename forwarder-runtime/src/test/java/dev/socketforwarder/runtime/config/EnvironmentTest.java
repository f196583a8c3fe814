package dev.socketforwarder.runtime.config;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.testing.Fakes;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EnvironmentTest {
    private static final Set<String> TYPES = Set.of("tcp", "udp");

    private static Map<String, String> keys(Map<String, String> variables, String... configured) {
        return new Environment(variables, TYPES, Set.of(configured))
                .settings().stream().collect(toMap(Setting::key, Setting::text));
    }

    @ParameterizedTest
    @CsvSource({
        // as the first version had them
        "socketforwarder.tcp.port, transports.tcp.port",
        "socketforwarder.udp.port, transports.udp.port",
        "socketforwarder.host_address, host-address",
        "socketforwarder.new_client_prefix, new-client-prefix",
        "socketforwarder.max_read_in_size, max-read-in-size",
        "socketforwarder.debug, debug",
        "socketforwarder.tcp.preconfig_addresses, transports.tcp.preconfig-addresses",
        "socketforwarder.udp.preconfig_addresses, transports.udp.preconfig-addresses",
        "tcp.preconfig_addresses, transports.tcp.preconfig-addresses",
        "udp.preconfig_addresses, transports.udp.preconfig-addresses",
        // and earlier still
        "socketforwarder.tcp_port, transports.tcp.port",
        "socketforwarder.udp_port, transports.udp.port",
        // as YAML has them
        "SOCKETFORWARDER_TRANSPORTS_TCP_PORT, transports.tcp.port",
        "socketforwarder.transports.tcp.port, transports.tcp.port",
        // dashes are dashes
        "socketforwarder.host-address, host-address",
        "socketforwarder.tcp.preconfig-addresses, transports.tcp.preconfig-addresses",
        "socketforwarder.my-feed.port, transports.my-feed.port",
        "socketforwarder.my_feed.port, transports.my-feed.port",
        // in upper case
        "SOCKETFORWARDER_TCP_PORT, transports.tcp.port",
        "SOCKETFORWARDER_UDP_PORT, transports.udp.port",
        "SOCKETFORWARDER_HOST_ADDRESS, host-address",
        "SOCKETFORWARDER_NEW_CLIENT_PREFIX, new-client-prefix",
        "SOCKETFORWARDER_MAX_READ_IN_SIZE, max-read-in-size",
        "SOCKETFORWARDER_DEBUG, debug",
        "SOCKETFORWARDER_LOG_FORMAT, log-format",
        "SOCKETFORWARDER_TCP_PRECONFIG_ADDRESSES, transports.tcp.preconfig-addresses",
        "SOCKETFORWARDER_TCP_HOST_ADDRESS, transports.tcp.host-address",
        "SOCKETFORWARDER_MY_FEED_PORT, transports.my-feed.port",
        // the longest name that is configured
        "SOCKETFORWARDER_MY_PORT, transports.my.port",
        "SOCKETFORWARDER_MY_FEED_MAX_READ_IN_SIZE, transports.my-feed.max-read-in-size",
        "SOCKETFORWARDER_MY_FEEDS_PORT, transports.my.feeds-port",
        // elements of lists of maps have numbers
        "SOCKETFORWARDER_TCP_CONNECT_1_TO, transports.tcp.connect.1.to",
        "SOCKETFORWARDER_MY_FEED_A_LIST_12_A_KEY, transports.my-feed.a-list.12.a-key",
        "socketforwarder.tcp.connect.1.to, transports.tcp.connect.1.to",
        "socketforwarder.tcp.a_list.12.a_key, transports.tcp.a-list.12.a-key",
        // a key of the top level is no endpoint's
        "SOCKETFORWARDER_MAX_QUEUED, max-queued",
        "SOCKETFORWARDER_LOG_PORT, log-port",
    })
    void bothSpellingsOfEachKey(String variable, String key) {
        assertThat(keys(Map.of(variable, "1"), "my", "my-feed")).containsExactly(Map.entry(key, "1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socketforwarder_udp_port",
                "SOCKETFORWARDER-UDP-PORT",
                "SOCKETFORWARDER_UDP.PORT",
                "SOCKETFORWARDER.UDP.PORT",
                "Socketforwarder_Udp_Port"
            })
    void aMixtureOfBothSpellingsIsUnderstoodWithAWarning(String variable) {
        var environment = new Environment(Map.of(variable, "1"), TYPES, Set.of());

        assertThat(Environment.isUsed(Map.of(variable, "1"))).isTrue();
        assertThat(environment.settings()).extracting(Setting::key).containsExactly("transports.udp.port");
        assertThat(environment.warnings())
                .containsExactly("environment variable " + variable
                        + " is taken for SOCKETFORWARDER_UDP_PORT; rename it," + " for that is how it is written");
    }

    @Test
    void aRightNameWinsOverAMixture() {
        var environment = new Environment(
                Map.of("SOCKETFORWARDER.UDP.PORT", "1", "SOCKETFORWARDER_UDP_PORT", "2"), TYPES, Set.of());

        assertThat(environment.settings()).extracting(Setting::text).containsExactly("2");
        assertThat(environment.warnings())
                .containsExactly("environment variable SOCKETFORWARDER.UDP.PORT is ignored, since"
                        + " SOCKETFORWARDER_UDP_PORT sets the same key");
    }

    @Test
    void othersVariablesAreNone() {
        assertThat(keys(Map.of(
                        "PATH", "/bin",
                        "socketforwarder", "1",
                        "SOCKETFORWARDER", "1",
                        "tcp.port", "1",
                        "sctp.preconfig_addresses", "1",
                        "XSOCKETFORWARDER_TCP_PORT", "1")))
                .isEmpty();
    }

    @Test
    void anEmptyVariableIsNotThere() {
        assertThat(keys(Map.of("SOCKETFORWARDER_TCP_PORT", ""))).isEmpty();
    }

    @Test
    void anEndpointIsMadeByAnInstalledTypeOrByItsTypeAlone() {
        assertThat(keys(Map.of("SOCKETFORWARDER_TELEMETRY_PORT", "1", "socketforwarder.metrics.port", "2")))
                .containsOnlyKeys("telemetry-port", "metrics-port");
        assertThat(keys(Map.of("SOCKETFORWARDER_TELEMETRY_PORT", "1", "SOCKETFORWARDER_TELEMETRY_TYPE", "udp")))
                .containsOnlyKeys("transports.telemetry.port", "transports.telemetry.type");
        assertThat(keys(Map.of("socketforwarder.my_feed.type", "udp", "SOCKETFORWARDER_MY_FEED_PORT", "1")))
                .containsOnlyKeys("transports.my-feed.port", "transports.my-feed.type");
    }

    @Test
    void aTypeMakesAnEndpointBesideOneWithAShorterName() {
        assertThat(keys(Map.of("SOCKETFORWARDER_TCP_B_TYPE", "tcp", "SOCKETFORWARDER_TCP_B_PORT", "1")))
                .containsOnlyKeys("transports.tcp-b.port", "transports.tcp-b.type");
        // No transport is called "pem": so this is a key of the endpoint that is there.
        assertThat(keys(Map.of("SOCKETFORWARDER_TCP_KEY_TYPE", "pem"))).containsOnlyKeys("transports.tcp.key-type");
    }

    @Test
    void aTopLevelKeyMakesNoEndpoint() {
        assertThat(keys(Map.of("SOCKETFORWARDER_DEBUG_TYPE", "udp"))).containsOnlyKeys("debug-type");
    }

    @Test
    void theUpperCaseNameWins() {
        var environment = new Environment(
                Map.of(
                        "SOCKETFORWARDER_TCP_PORT", "1",
                        "socketforwarder.tcp.port", "2",
                        "SOCKETFORWARDER_UDP_PORT", "3",
                        "socketforwarder.udp.port", "3",
                        "tcp.preconfig_addresses", "a:b:1",
                        "socketforwarder.tcp.preconfig_addresses", "a:c:1"),
                TYPES,
                Set.of());

        assertThat(environment.settings()).extracting(Setting::text).containsExactlyInAnyOrder("1", "3", "a:c:1");
        assertThat(environment.warnings())
                .containsExactlyInAnyOrder(
                        "environment variable socketforwarder.tcp.port is ignored, since SOCKETFORWARDER_TCP_PORT sets"
                                + " the same key",
                        "environment variable tcp.preconfig_addresses is ignored, since"
                                + " socketforwarder.tcp.preconfig_addresses sets the same key");
    }

    @Test
    void anUnknownVariableIsAWarningWithTheNearestOne() {
        var configuration = Fakes.merged(
                "",
                new TreeMap<>(Map.of(
                        "SOCKETFORWARDER_DEBUGG", "1",
                        "SOCKETFORWARDER_TCP_PROT", "1",
                        "socketforwarder.max_read_in_siz", "1",
                        "SOCKETFORWARDER_WHATEVER_ELSE", "1",
                        "SOCKETFORWARDER_MY_FEED_PORT", "1",
                        "SOCKETFORWARDER_PORT", "1",
                        "SOCKETFORWARDER_CONFIG", "/etc/x.yaml",
                        "SOCKETFORWARDER_BAD\nNAME", "1")));
        configuration.endpoint("tcp").number("port", 0, 0, 1);

        assertThat(configuration.unread())
                .containsExactlyInAnyOrder(
                        "environment variable SOCKETFORWARDER_DEBUGG is unknown and ignored; did you mean SOCKETFORWARDER_DEBUG?",
                        "environment variable SOCKETFORWARDER_TCP_PROT is unknown and ignored; did you mean"
                                + " SOCKETFORWARDER_TCP_PORT?",
                        "environment variable socketforwarder.max_read_in_siz is unknown and ignored; did you mean"
                                + " SOCKETFORWARDER_MAX_READ_IN_SIZE?",
                        "environment variable SOCKETFORWARDER_WHATEVER_ELSE is unknown and ignored; \"socketforwarder"
                                + " config\" prints all known keys",
                        "environment variable SOCKETFORWARDER_MY_FEED_PORT is unknown and ignored; to define endpoint"
                                + " my-feed, set SOCKETFORWARDER_MY_FEED_TYPE too",
                        "environment variable SOCKETFORWARDER_PORT is unknown and ignored; did you mean SOCKETFORWARDER_TCP_PORT?",
                        "environment variable SOCKETFORWARDER_CONFIG is unknown and ignored; the command line names the"
                                + " file: --config FILE",
                        "environment variable SOCKETFORWARDER_BAD\\nNAME is unknown and ignored; \"socketforwarder"
                                + " config\" prints all known keys");
    }

    @Test
    void everythingThatKubernetesInjectsIsIgnoredWithOneWarning() {
        var variables = new HashMap<String, String>();
        for (var service : List.of("SOCKETFORWARDER", "SOCKETFORWARDER_TCP", "SOCKETFORWARDER_MY_FEED")) {
            variables.putAll(serviceLinks(service));
        }

        var environment = new Environment(variables, TYPES, Set.of("my-feed", "service"));

        assertThat(environment.settings()).isEmpty();
        assertThat(environment.warnings())
                .containsExactly("ignored " + variables.size() + " variables of Kubernetes service links, such as"
                        + " SOCKETFORWARDER_MY_FEED_PORT; to avoid them, set enableServiceLinks: false in the pod");
    }

    @ParameterizedTest
    @CsvSource({
        "socketforwarder.debug, anything, true",
        "socketforwarder.debug, false, false",
        "socketforwarder.debug, 1, 1",
        "SOCKETFORWARDER_DEBUG, anything, anything"
    })
    void theOriginalsDebugIsOnWithAnyValueThatSaysNothingElse(String variable, String value, String read) {
        assertThat(keys(Map.of(variable, value))).containsOnly(Map.entry("debug", read));
    }

    @Test
    void ourOwnSettingsBesideServiceLinksCount() {
        var variables = new HashMap<>(serviceLinks("SOCKETFORWARDER_TCP"));
        variables.put("SOCKETFORWARDER_TCP_PORT", "6753");
        variables.put("SOCKETFORWARDER_UDP_PORT", "6754");
        variables.put("socketforwarder.debug", "true");

        assertThat(keys(variables))
                .containsOnly(
                        Map.entry("transports.tcp.port", "6753"),
                        Map.entry("transports.udp.port", "6754"),
                        Map.entry("debug", "true"));
    }

    /** What kubelet sets for a service with a TCP port named "tcp" and a UDP port, both 6753. */
    private static Map<String, String> serviceLinks(String service) {
        var variables = new HashMap<String, String>();
        variables.put(service + "_SERVICE_HOST", "10.0.0.1");
        variables.put(service + "_SERVICE_PORT", "6753");
        variables.put(service + "_SERVICE_PORT_TCP", "6753");
        variables.put(service + "_SERVICE_PORT_UDP_FEED", "6753");
        variables.put(service + "_PORT", "tcp://10.0.0.1:6753");
        for (var protocol : List.of("TCP", "UDP", "SCTP")) {
            var port = service + "_PORT_6753_" + protocol;
            variables.put(port, protocol.toLowerCase() + "://10.0.0.1:6753");
            variables.put(port + "_PROTO", protocol.toLowerCase());
            variables.put(port + "_PORT", "6753");
            variables.put(port + "_ADDR", "10.0.0.1");
        }
        return variables;
    }

    @Test
    void anyVariablesAreReadWithoutFailing() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var parts = List.of(
                "SOCKETFORWARDER_", "socketforwarder.", "TCP", "tcp", "_", ".", "TYPE", "type", "PORT", "", "\n", "é");
        for (int i = 0; i < 500; i++) {
            var variables = new HashMap<String, String>();
            for (int n = random.nextInt(5); n >= 0; n--) {
                var name = new StringBuilder(parts.get(random.nextInt(2)));
                for (int words = random.nextInt(6); words > 0; words--) {
                    name.append(parts.get(random.nextInt(parts.size())));
                }
                variables.put(name.toString(), parts.get(random.nextInt(parts.size())));
            }
            try {
                var configuration = Fakes.merged("", variables);
                configuration.endpointNames();
                assertThat(configuration.unread()).allMatch(line -> line.lines().count() == 1);
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + variables, e);
            }
        }
    }
}
