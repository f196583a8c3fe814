package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.streams.TestContext;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests the settings of a TCP endpoint. */
class TcpSettingsTest {

    private static TcpSettings read(List<String> hosts) {
        try (var context = new TestContext(Map.of("port", 6753, "host-address", hosts))) {
            return TcpSettings.read(context);
        }
    }

    @Test
    void severalAddressesAreListenedOn() {
        assertThat(read(List.of("127.0.0.1", "::1")).listening().hosts()).containsExactly("127.0.0.1", "::1");
        assertThat(read(List.of("[::1]", "fe80::1%no-such", "my_host.example", "bücher.example"))
                        .listening()
                        .hosts())
                .containsExactly("::1", "fe80::1%no-such", "my_host.example", "bücher.example");
    }

    static Stream<List<String>> wrongHosts() {
        return Stream.of(
                List.of(),
                List.of(""),
                List.of(" "),
                List.of("127.0.0.1", "127.0.0.1"),
                List.of("127.0.0.1:6753"),
                List.of("localhost:6753"),
                List.of("[::1]:6753"),
                List.of("*"),
                List.of("10.0.0.0/8"),
                List.of("tcp://localhost"),
                List.of("127.0.0.1,::1"),
                List.of("::", "0.0.0.0"));
    }

    @ParameterizedTest
    @MethodSource("wrongHosts")
    void addressesThatCannotAllBeListenedOnAreRefused(List<String> hosts) {
        assertThatThrownBy(() -> read(hosts))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("host-address");
    }
}
