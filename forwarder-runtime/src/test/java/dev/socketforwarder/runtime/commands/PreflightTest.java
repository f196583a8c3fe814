package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a check sees of this machine without binding anything. */
@Timeout(30)
class PreflightTest {
    @TempDir
    private Path system;

    @BeforeEach
    void beAUserWithoutRights() throws IOException {
        tell("proc/sys/net/ipv4/ip_unprivileged_port_start", "1024\n");
        tell("proc/self/status", "Name:\tjava\nCapEff:\t0000000000000000\n");
    }

    private void tell(String file, String text) throws IOException {
        var path = system.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private List<String> warnings(String yaml) {
        var tcp = new FakeTransport("tcp");
        var udp = new FakeTransport("udp");
        udp.protocol = Protocol.UDP;
        var configuration = Fakes.yaml(yaml);
        var hosted = Endpoints.open(configuration, Fakes.shared(Fakes.plugins(tcp, udp)))
                .hosted();
        assertThat(configuration.warnings()).isEmpty();
        var lookups = new Lookups(Runnable::run, host -> {
            if (host.endsWith(".known")) {
                return List.of(InetAddress.getLoopbackAddress());
            }
            throw new UnknownHostException(host);
        });
        new Preflight(configuration, hosted, lookups, system).look();
        return configuration.warnings();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{tcp: {port: 0, host-address: 203.0.113.9}}|transports.tcp.host-address is \"203.0.113.9\", an address that this"
                        + " machine does not have: tcp could not start here",
                "{tcp: {port: 0, host-address: [127.0.0.1, '2001:db8::9']}}|host-address is \"2001:db8::9\", an address that",
                "{udp: {port: 53}}|transports.udp.port is \"53\", a port that this user may not bind: use a port above 1023, or",
                "{udp: {port: 0, preconfig-addresses: ['127.0.0.1:9', 'a.unknown:9']}}|transports.udp.preconfig-addresses is"
                        + " \"a.unknown:9\", but the name service does not know a.unknown",
                "{tcp: {port: 0, preconfig-addresses: ['g:a.unknown:*']}}|\"g:a.unknown:*\", but the name service",
            })
    void whatWouldFailHereIsTold(String transports, String message) {
        assertThat(warnings("transports: " + transports))
                .singleElement()
                .asString()
                .startsWith("conf.yaml:1: ")
                .contains(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{tcp: {port: 0}}",
                "{tcp: {port: 0, host-address: '127.9.8.7'}, udp: {port: 0, host-address: '::'}}",
                "{tcp: {port: 0, preconfig-addresses: ['g:10.0.0.0/8:*', 'g:[fd00::1]:5', 'g h:a.known:5', 'g:[fd00::/8]:*']}}",
            })
    void whatWouldWorkIsNotTold(String transports) {
        assertThat(warnings("transports: " + transports)).isEmpty();
    }

    @Test
    void whoHasTheRightMayBindAnyPort() throws IOException {
        tell("proc/self/status", "CapEff:\t0000000000000400\n");
        assertThat(warnings("transports: {udp: {port: 53}}")).isEmpty();

        tell("proc/self/status", "CapEff:\t0000000000000000\n");
        tell("proc/sys/net/ipv4/ip_unprivileged_port_start", "53\n");
        assertThat(warnings("transports: {udp: {port: 53}}")).isEmpty();

        assertThat(warnings("transports: {udp: {port: 52}}")).hasSize(1);
    }

    @Test
    void anAddressMayComeLaterWhereTheKernelAllowsThat() throws IOException {
        tell("proc/sys/net/ipv4/ip_nonlocal_bind", "1\n");
        assertThat(warnings("transports: {tcp: {port: 0, host-address: 203.0.113.9}}"))
                .isEmpty();
    }

    @Test
    void aNameIsFoundBeforeItsPort() {
        assertThat(Preflight.nameBeforePort("example.org:80")).contains("example.org");
        assertThat(Preflight.nameBeforePort("[::1]:80")).isEmpty();
        assertThat(Preflight.nameBeforePort("127.0.0.1:80")).isEmpty();
    }

    @Test
    void aPortThatThisProgramHoldsIsNotTold() throws IOException {
        var loopback = InetAddress.getLoopbackAddress();
        try (var held = new ServerSocket(0, 1, loopback);
                var bound = new DatagramSocket(0, loopback)) {
            // This process counts as the program itself, which may well run while it is checked.
            assertThat(warnings("transports: {tcp: {port: " + held.getLocalPort()
                            + ", host-address: 127.0.0.1}, udp: {port: " + bound.getLocalPort()
                            + ", host-address: 127.0.0.1}}"))
                    .isEmpty();
        }
    }
}
