package dev.socketforwarder.api.kit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * Identifies a host for limits that apply to each host. An IPv6 address counts by its first 64 bits, since one host may use all
 * addresses with the same first 64 bits.
 *
 * @param bits the IPv4 address, or the first 64 bits of the IPv6 address
 * @param isIpv6 whether the address is an IPv6 address
 */
public record AddressKey(long bits, boolean isIpv6) {

    /**
     * {@return the key of an address; addresses that count as one host have equal keys}
     *
     * @param address an IPv4 or IPv6 address
     */
    public static AddressKey of(InetAddress address) {
        var bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new AddressKey(bytes.getLong(), true)
                : new AddressKey(bytes.getInt(), false);
    }
}
