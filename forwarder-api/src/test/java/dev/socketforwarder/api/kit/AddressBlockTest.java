package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTest {

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,            127.0.0.1,           true",
        "127.0.0.1,            127.0.0.2,           false",
        "10.0.0.0/8,           10.255.3.4,          true",
        "10.0.0.0/8,           11.0.0.1,            false",
        "0.0.0.0/0,            192.168.0.1,         true",
        "0.0.0.0/0,            ::1,                 false",
        "10.1.2.128/25,        10.1.2.129,          true",
        "10.1.2.128/25,        10.1.2.127,          false",
        "10.0.0.0/8,           ::ffff:10.1.1.1,     true",
        "10.0.0.0/8,           ::ffff:11.1.1.1,     false",
        "::ffff:10.0.0.0/104,  10.9.9.9,            true",
        "::ffff:10.0.0.1,      10.0.0.1,            true",
        "::1,                  ::1,                 true",
        "::/0,                 fd00::1,             true",
        "::/0,                 10.0.0.1,            false",
        "2001:db8::/33,        2001:db8:7fff::1,    true",
        "2001:db8::/33,        2001:db8:8000::1,    false",
    })
    void aBlockHoldsItsAddresses(String block, String address, boolean holds) {
        assertThat(AddressBlock.parse(block).contains(InetAddress.ofLiteral(address)))
                .isEqualTo(holds);
    }

    @Test
    void aMappedAddressThatTheKernelGaveAsIpv6MatchesAnIpv4Rule() throws UnknownHostException {
        byte[] bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 10, 1, 2, 3};
        var mapped = Inet6Address.getByAddress("", bytes, 0);

        assertThat(AddressBlock.parse("10.0.0.0/8").contains(mapped)).isTrue();
        assertThat(AddressBlock.parse("11.0.0.0/8").contains(mapped)).isFalse();
        assertThat(AddressBlock.parse("::/0").contains(mapped)).isFalse();
        assertThat(AddressBlock.of(mapped).contains(InetAddress.ofLiteral("10.1.2.3")))
                .isTrue();
    }

    @Test
    void aBlockHoldsWhatSharesItsFirstBits() throws UnknownHostException {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            var bytes = new byte[random.nextBoolean() ? 4 : 16];
            random.nextBytes(bytes);
            bytes[0] = 0x20; // such an address is never IPv4-mapped
            int length = 8 + random.nextInt(8 * bytes.length - 7);
            for (int bit = length; bit < 8 * bytes.length; bit++) {
                bytes[bit / 8] &= (byte) ~(0x80 >> bit % 8);
            }
            var block = AddressBlock.parse(InetAddress.getByAddress(bytes).getHostAddress() + "/" + length);
            int bit = random.nextInt(8 * bytes.length);
            bytes[bit / 8] ^= (byte) (0x80 >> bit % 8);
            assertThat(block.contains(InetAddress.getByAddress(bytes)))
                    .as("seed %d, length %d, bit %d", seed, length, bit)
                    .isEqualTo(bit >= length);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/",
                "/8",
                "10.0.0.0/",
                "10.0.0.0/33",
                "10.1.2.3/8",
                "0.0.0.1/31",
                "fe80::1/64",
                "10.0.0.0/-1",
                "::/129",
                "10/8",
                "localhost",
                "::ffff:1.2.3.4/90",
                "1.2.3.4/8/8",
                "1.2.3.4/+8"
            })
    void nothingElseIsABlock(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddressBlock.parse(text));
    }
}
