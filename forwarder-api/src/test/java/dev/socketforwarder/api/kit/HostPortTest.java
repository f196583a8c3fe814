package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostPortTest {

    @ParameterizedTest
    @CsvSource({
        "localhost:80,         localhost,  80",
        "10.0.0.1:65535,       10.0.0.1,   65535",
        "[::1]:1,              ::1,        1",
        "[fe80::1%eth0]:1,     fe80::1%eth0, 1",
        "example.org:*,        example.org, *",
    })
    void hostsAndPortsArePartedAtTheLastColon(String text, String host, String port) {
        assertThat(HostPort.parse(text)).isEqualTo(new HostPort(host, port));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "80",
                "host",
                ":80",
                " :80",
                "[]:80",
                "::1:80",
                "fd00::1:80",
                "[::1:80",
                "::1]:80",
                "[:80",
                "]:80",
                "a]b:80",
                "a\nb:80",
                "a b:80",
                "[a b]:80",
                "\u0000:80"
            })
    void whatIsNoHostAndPortIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> HostPort.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65536", "99999", "-1", "+1", "1 ", "0x1", "123456", "*", "\u0661"})
    void onlyNumbersFromOneAreAPort(String port) {
        assertThatIllegalArgumentException().isThrownBy(() -> new HostPort("h", port).portNumber());
    }

    @Test
    void nothingButIllegalArgumentExceptionEverComesOut() {
        long seed = System.nanoTime();
        System.out.println("HostPortTest seed " + seed);
        var random = new Random(seed);
        var alphabet = ":[]*./%0123456789abfgx -\n\u00e9";
        for (int i = 0; i < 100_000; i++) {
            var text = new StringBuilder();
            for (int n = random.nextInt(12); n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            try {
                HostPort.parse(text.toString()).portNumber();
            } catch (IllegalArgumentException _) {
                // The answer to garbage.
            }
        }
    }

    @Test
    void addressesResolveToThemselves() throws IOException {
        assertThat(HostPort.resolve("k", "127.0.0.1")).containsExactly(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(HostPort.resolve("k", "::1")).containsExactly(InetAddress.ofLiteral("::1"));
    }

    @Test
    void hostsWithOneAddressResolveToItOnce() throws IOException {
        assertThat(HostPort.resolve(
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
        assertThatThrownBy(() -> HostPort.resolve("host-address", host))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("host-address: ")
                .hasMessageContaining(host)
                .message()
                .doesNotContain("\n");
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::, ::",
        "::1, ::1",
        "2001:db8::, 2001:db8::",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:0:0:1:0:0:0:1, 2001:0:0:1::1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:2:3:4:5:6:7:8, 1:2:3:4:5:6:7:8",
        "1:2:3:4:5:6:0:0, 1:2:3:4:5:6::",
        "fe80::1%7, fe80::1%7",
    })
    void addressesAreShort(String address, String shown) throws UnknownHostException {
        assertThat(HostPort.text(InetAddress.getByName(address))).isEqualTo(shown);
    }

    @Test
    void aPortStandsBehindBrackets() {
        assertThat(HostPort.text(new InetSocketAddress("127.0.0.1", 6753))).isEqualTo("127.0.0.1:6753");
        assertThat(HostPort.text(new InetSocketAddress("::", 6753))).isEqualTo("[::]:6753");
        assertThat(HostPort.text(InetSocketAddress.createUnresolved("example.org", 80)))
                .isEqualTo("example.org:80");
    }

    @Test
    void whatIsShownIsTheSameAddress() throws UnknownHostException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            var bytes = new byte[16];
            for (int b = 0; b < bytes.length; b++) {
                bytes[b] = (byte) (random.nextInt(4) == 0 ? random.nextInt(256) : 0);
            }
            var address = InetAddress.getByAddress(bytes);
            assertThat(InetAddress.getByName(HostPort.text(address)))
                    .as("seed " + seed)
                    .isEqualTo(address);
        }
    }
}
