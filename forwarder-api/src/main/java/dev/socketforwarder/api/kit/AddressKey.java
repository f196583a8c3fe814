package dev.socketforwarder.api.kit;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/**
 * An address as it counts where each host may have so much: an IPv6 address counts by its first 64 bits, since one host may
 * use all that follow.
 *
 * @param bits the address, or its first 64 bits
 * @param isIpv6 whether it is an IPv6 address
 */
public record AddressKey(long bits, boolean isIpv6) {

    /**
     * Take what counts of an address.
     *
     * @param address whose
     * @return the same for all addresses that count as one
     */
    public static AddressKey of(InetAddress address) {
        var bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address
                ? new AddressKey(bytes.getLong(), true)
                : new AddressKey(bytes.getInt(), false);
    }
}
