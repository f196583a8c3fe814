package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ListeningHostsTest {

    @Test
    void addressesResolveToThemselves() throws IOException {
        assertThat(ListeningHosts.resolve("k", "127.0.0.1")).containsExactly(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(ListeningHosts.resolve("k", "::1")).containsExactly(InetAddress.ofLiteral("::1"));
    }

    @Test
    void hostsWithOneAddressResolveToItOnce() throws IOException {
        assertThat(ListeningHosts.resolve(
                        "k", List.of("::1", "127.0.0.1", "::ffff:127.0.0.1", "0:0:0:0:0:0:0:1", "127.0.0.2")))
                .containsExactly(
                        InetAddress.ofLiteral("::1"),
                        InetAddress.ofLiteral("127.0.0.1"),
                        InetAddress.ofLiteral("127.0.0.2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"name.invalid", "1.2.3.4.5", "256.1.1.1", "0x7f.1", "127.0.0.0400", "::g", "1::2::3", "[::1"})
    void whatCannotBeResolvedIsOneLineThatNamesKeyAndHost(String host) {
        assertThatThrownBy(() -> ListeningHosts.resolve("host-address", host))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("host-address: ")
                .hasMessageContaining(host)
                .message()
                .doesNotContain("\n");
    }
}
