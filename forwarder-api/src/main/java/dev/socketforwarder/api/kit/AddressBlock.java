package dev.socketforwarder.api.kit;

import java.net.InetAddress;
import java.util.Arrays;

/**
 * Represents a CIDR block (all addresses with a common prefix) or a single address.
 *
 * <p>An IPv4-mapped IPv6 address ({@code ::ffff:10.0.0.1}) is equal to the IPv4 address in it, on both sides of a comparison.
 */
public final class AddressBlock {
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;
    private static final int MAPPED_BITS = 96;

    private final byte[] address;
    private final int prefixLength;

    private AddressBlock(byte[] address, int prefixLength) {
        this.address = address;
        this.prefixLength = prefixLength;
    }

    /**
     * {@return the block that contains a single address}
     *
     * @param address an IPv4 or IPv6 address
     */
    public static AddressBlock of(InetAddress address) {
        var bytes = unmapped(address);
        return new AddressBlock(bytes, Byte.SIZE * bytes.length);
    }

    /**
     * Read {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address. A host name is refused and never looked up.
     *
     * @param text the block as a setting has it, without blanks
     * @return the block
     * @throws IllegalArgumentException if the text is neither a block nor an address, or has bits behind the prefix
     */
    public static AddressBlock parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            return of(literal(text));
        }
        var host = text.substring(0, slash);
        var digits = text.substring(slash + 1);
        if (!digits.matches("[0-9]{1,3}")) {
            throw new IllegalArgumentException("not a prefix length: " + digits);
        }
        var bytes = unmapped(literal(host));
        int length = Integer.parseInt(digits);
        if (host.indexOf(':') >= 0 && bytes.length == IPV4_BYTES) {
            length -= MAPPED_BITS; // ::ffff:10.0.0.0/104
        }
        if (length < 0 || length > Byte.SIZE * bytes.length) {
            throw new IllegalArgumentException("not a prefix length: " + digits);
        }
        for (int bit = length; bit < Byte.SIZE * bytes.length; bit++) {
            if ((bytes[bit / Byte.SIZE] & 0x80 >> bit % Byte.SIZE) != 0) {
                throw new IllegalArgumentException("bits behind the prefix: " + text);
            }
        }
        return new AddressBlock(bytes, length);
    }

    /** Parse an address. Java also reads {@code 10} as the address 0.0.0.10, which would be a trap in a rule of admission. */
    private static InetAddress literal(String text) {
        if (text.indexOf(':') < 0 && text.chars().filter(c -> c == '.').count() != IPV4_BYTES - 1) {
            throw new IllegalArgumentException("not an address: " + text);
        }
        return InetAddress.ofLiteral(text);
    }

    /**
     * {@return whether the block contains {@code candidate}}
     *
     * @param candidate an IPv4 or IPv6 address; a block never contains an address of the other family
     */
    public boolean contains(InetAddress candidate) {
        var other = unmapped(candidate);
        if (other.length != address.length) {
            return false;
        }
        int whole = prefixLength / Byte.SIZE;
        for (int i = 0; i < whole; i++) {
            if (address[i] != other[i]) {
                return false;
            }
        }
        int rest = prefixLength % Byte.SIZE;
        return rest == 0 || ((address[whole] ^ other[whole]) & 0xff << (Byte.SIZE - rest)) == 0;
    }

    private static byte[] unmapped(InetAddress address) {
        var bytes = address.getAddress();
        return isMapped(bytes) ? Arrays.copyOfRange(bytes, IPV6_BYTES - IPV4_BYTES, IPV6_BYTES) : bytes;
    }

    private static boolean isMapped(byte[] bytes) {
        if (bytes.length != IPV6_BYTES || bytes[10] != -1 || bytes[11] != -1) {
            return false;
        }
        for (int i = 0; i < 10; i++) {
            if (bytes[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
