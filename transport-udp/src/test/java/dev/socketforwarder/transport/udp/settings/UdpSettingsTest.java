package dev.socketforwarder.transport.udp.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.transport.udp.TestSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings.Buffers;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the settings of a UDP endpoint. */
class UdpSettingsTest {

    @Test
    void onlyThePortMustBeSet() {
        assertThat(UdpSettings.read(new TestSettings().set("port", 6753)))
                .isEqualTo(new UdpSettings(
                        List.of("0.0.0.0"),
                        6753,
                        false,
                        "SOCKETFORWARDER-NEW:",
                        65_507,
                        false,
                        MemberSettings.read(new TestSettings(), UdpSettings.DEFAULT_PREFIX),
                        new MulticastSettings(List.of(), List.of(), 1, ""),
                        List.of(),
                        new Buffers(4 << 20, 4 << 20),
                        "",
                        IoPath.AUTO,
                        1));
        assertThatThrownBy(() -> UdpSettings.read(new TestSettings())).isInstanceOf(MissingSettingException.class);
    }

    @Test
    void everyKeyIsRead() {
        var settings = new TestSettings()
                .set("port", 0)
                .set("host-address", "[::1],127.0.0.1")
                .set("new-client-prefix", "NEW ")
                .set("max-read-in-size", 10_240)
                .set("echo", true)
                .set("max-registrations", 7)
                .set("preconfig-addresses", "localhost:65432,[2001:db8::1]:1")
                .set("multicast", "239.1.2.3")
                .set("multicast-members", "[ff05::1:2]:5000")
                .set("ttl", 7)
                .set("interface", "eth0")
                .set("receive-buffer", 65_536)
                .set("send-buffer", 131_072)
                .set("group", "chat")
                .set("io", "nio")
                .set("reuse-port", true);
        assertThat(UdpSettings.read(settings))
                .isEqualTo(new UdpSettings(
                        List.of("::1", "127.0.0.1"),
                        0,
                        true,
                        "NEW ",
                        10_240,
                        true,
                        MemberSettings.read(settings, "NEW "),
                        new MulticastSettings(
                                List.of(InetAddress.ofLiteral("239.1.2.3")),
                                List.of(new InetSocketAddress(InetAddress.ofLiteral("ff05::1:2"), 5000)),
                                7,
                                "eth0"),
                        List.of(new HostPort("localhost", "65432"), new HostPort("2001:db8::1", "1")),
                        new Buffers(65_536, 131_072),
                        "chat",
                        IoPath.NIO,
                        1));
    }

    @ParameterizedTest
    @CsvSource({
        "port,65536",
        "host-address,''",
        "host-address,'127.0.0.1,127.0.0.1'",
        "host-address,'::,0.0.0.0'",
        "host-address,' '",
        "new-client-prefix,''",
        "max-read-in-size,0",
        "max-registrations,0",
        "receive-buffer,1"
    })
    void whatDoesNotFitIsRefused(String key, String value) {
        var settings = new TestSettings().set("port", 6753).set(key, value);
        assertThatThrownBy(() -> UdpSettings.read(settings))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(key);
    }
}
