package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressKeyTest {

    private static AddressKey key(String address) {
        return AddressKey.of(InetAddress.ofLiteral(address));
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.1, 192.0.2.1, true",
        "192.0.2.1, 192.0.2.2, false",
        "2001:db8:1:2::1, 2001:db8:1:2:ffff::2, true",
        "2001:db8:1:2::1, 2001:db8:1:3::1, false",
        "::ffff:192.0.2.1, 192.0.2.1, true",
        "0.0.0.0, ::, false",
    })
    void addressesOfOneHostCountAsOne(String one, String other, boolean isSame) {
        assertThat(key(one).equals(key(other))).isEqualTo(isSame);
    }

    @Test
    void highBytesOfIpv4AreNotSharedByOthers() {
        assertThat(key("255.255.255.255")).isNotEqualTo(key("127.255.255.255"));
    }
}
