package dev.socketforwarder.runtime.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointsTest {
    private final FakeTransport tcp = new FakeTransport("tcp");
    private final FakeTransport udp = new FakeTransport("udp");
    private final Plugins plugins = Fakes.plugins(tcp, udp);

    private Endpoints open(Configuration configuration) {
        return Endpoints.open(configuration, Fakes.shared(plugins));
    }

    private Endpoints open(String yaml) {
        return open(Fakes.yaml(yaml));
    }

    @Test
    void eachNameIsAnEndpoint() {
        var endpoints = open("""
                transports:
                  tcp: {port: 1}
                  udp: {port: 2}
                  telemetry: {type: udp, port: 3}
                """);

        assertThat(endpoints.hosted()).extracting(HostedEndpoint::name).containsExactly("tcp", "udp", "telemetry");
        assertThat(endpoints.hosted().getLast().transport().service()).isSameAs(udp);
        assertThat(udp.contexts.getLast().name()).isEqualTo("telemetry");
        assertThat(udp.contexts.getLast().parallelism()).isEqualTo(1);
    }

    @Test
    void withoutAPortItDoesNotRunAndOneLineSaysSo() {
        var configuration = Fakes.yaml("transports:\n  tcp: {port: 1}\n  feed: {type: udp}\n");
        var endpoints = open(configuration);

        assertThat(endpoints.hosted()).extracting(HostedEndpoint::name).containsExactly("tcp");
        assertThat(configuration.warnings())
                .containsExactly("conf.yaml:3: feed does not run: transports.feed.port is not set");
    }

    @Test
    void transportsThatNobodyConfiguredAreNotMentioned() {
        var configuration = Fakes.yaml("");
        var endpoints = open(configuration);

        assertThat(endpoints.hosted()).isEmpty();
        assertThat(configuration.warnings()).isEmpty();
        assertThat(endpoints.missing()).containsExactly("transports.tcp.port", "transports.udp.port");
    }

    @Test
    void aMisspeltPortIsFoundAlthoughTheEndpointIsLeftOut() {
        assertThatThrownBy(() -> open("transports:\n  tcp: {prot: 1}\n"))
                .hasMessageStartingWith(
                        "conf.yaml:2: transports.tcp.prot is unknown; did you mean transports.tcp.port?");
    }

    @Test
    void keysReadAfterThePortAreKnownWhereItIsMissing() {
        assertThat(open("transports:\n  tcp: {echo: true}\n").hosted()).isEmpty();
        assertThatThrownBy(() -> open("transports:\n  tcp: {echo: maybe}\n")).hasMessageContaining("true or false");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "transports: {feed: {port: 1}}|conf.yaml:1: transports.feed has no type, and its name is not a transport; set"
                        + " transports.feed.type to one of the installed transports: tcp, udp",
                "transports: {tcp: {type: sctp}}|conf.yaml:1: transports.tcp.type is \"sctp\", but must be one of the"
                        + " installed transports: tcp, udp",
                "transports: {tcp: {port: 65536}}|conf.yaml:1: transports.tcp.port is \"65536\", but must be a whole number"
                        + " from 0 to 65535",
                "transports: {tcp: {port: 1, handshake: [prefix, token]}}|conf.yaml:1: transports.tcp.handshake is \"token\","
                        + " but must be a list of one or more of the installed policies: prefix",
                "transports: {tcp: {port: 1, handshake: []}}|conf.yaml:1: transports.tcp.handshake is \"\", but must be a list"
                        + " of one or more",
            })
    void whatIsWrongIsTold(String yaml, String message) {
        assertThatThrownBy(() -> open(yaml))
                .isInstanceOf(SettingException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void anEndpointOfTheEnvironmentNeedsAnInstalledType() {
        var configuration = Fakes.merged("", Map.of("SOCKETFORWARDER_FEED_TYPE", "upd"));

        assertThatThrownBy(() -> open(configuration))
                .hasMessage(
                        "environment variable SOCKETFORWARDER_FEED_TYPE: transports.feed.type is \"upd\", but must be"
                                + " one of the installed transports: tcp, udp");
    }

    @Test
    void warningsOfTheEnvironmentAreHandedOn() {
        var configuration = Fakes.merged("transports: {tcp: {port: 1}}", Map.of("SOCKETFORWARDER_TCP_PROT", "1"));

        assertThat(open(configuration).warnings())
                .containsExactly("environment variable SOCKETFORWARDER_TCP_PROT is unknown and ignored; did you mean"
                        + " SOCKETFORWARDER_TCP_PORT?");
    }

    @Test
    void aPortWithoutATypeIsExplainedWhereNothingElseIsConfigured() {
        var configuration = Fakes.merged("", Map.of("SOCKETFORWARDER_TELEMETRY_PORT", "1"));

        assertThat(open(configuration).warnings())
                .containsExactly("environment variable SOCKETFORWARDER_TELEMETRY_PORT is unknown and ignored; to define"
                        + " endpoint telemetry, set SOCKETFORWARDER_TELEMETRY_TYPE too");
    }

    @Test
    void aTransportThatThrowsIsNamed() {
        tcp.onOpen = () -> {
            throw new IllegalStateException("broken");
        };

        assertThatThrownBy(() -> open("transports: {tcp: {port: 1}}"))
                .isInstanceOf(PluginException.class)
                .hasMessage("transport \"tcp\" of module (class path) cannot open endpoint tcp:"
                        + " java.lang.IllegalStateException: broken");
        assertThat(open("transports: {udp: {port: 1}}").hosted()).hasSize(1);
    }

    @Test
    void theContextHasAHandshakeAndCountsRefusals() {
        open("transports: {tcp: {port: 1}}");
        var context = tcp.contexts.getFirst();
        var peer = new Peer("tcp", new InetSocketAddress(1), new InetSocketAddress(2));

        assertThat(context.handshake(List.of("prefix")).consider(peer, ByteBuffer.allocate(0), Arrival.NONE))
                .isInstanceOf(NeedMore.class);
        context.refused(Reason.PROBE, peer.remote(), "", ByteBuffer.allocate(0));
        context.refused(Reason.PROBE, peer.remote(), "", ByteBuffer.allocate(0));

        assertThat(context.counters().get(Reason.PROBE)).isEqualTo(2);
    }
}
