package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {

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
        assertThat(AddressText.of(InetAddress.getByName(address))).isEqualTo(shown);
    }

    @Test
    void aPortStandsBehindBrackets() {
        assertThat(AddressText.of(new InetSocketAddress("127.0.0.1", 6753))).isEqualTo("127.0.0.1:6753");
        assertThat(AddressText.of(new InetSocketAddress("::", 6753))).isEqualTo("[::]:6753");
        assertThat(AddressText.of(InetSocketAddress.createUnresolved("example.org", 80)))
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
            assertThat(InetAddress.getByName(AddressText.of(address)))
                    .as("seed " + seed)
                    .isEqualTo(address);
        }
    }
}
