package dev.socketforwarder.transport.tcp;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** A block of addresses as one number, by the simplest means. An IPv4-mapped address counts as its IPv4 address. */
record AddressModel(BigInteger value, int bits, int prefix) {
    private static final int IPV4_BITS = 32;
    private static final int IPV6_BITS = 128;
    private static final int MAPPED_BITS = 96;
    private static final int WORDS = 8;
    private static final BigInteger MAPPED = BigInteger.valueOf(0xffff);
    private static final Pattern STRICT_DECIMAL = Pattern.compile("0|[1-9][0-9]{0,2}");

    /** {@return the block that a text denotes; empty if not every reader of such texts agrees on one} */
    static Optional<AddressModel> block(String text) {
        int slash = text.indexOf('/');
        var host = slash < 0 ? text : text.substring(0, slash);
        var address = address(host);
        if (slash < 0 || address.isEmpty()) {
            return address;
        }
        var digits = text.substring(slash + 1);
        if (!digits.matches("[0-9]{1,3}")) {
            return Optional.empty();
        }
        var whole = address.get();
        boolean isMapped = host.indexOf(':') >= 0 && whole.bits == IPV4_BITS;
        int prefix = Integer.parseInt(digits) - (isMapped ? MAPPED_BITS : 0);
        boolean fits = prefix >= 0 && prefix <= whole.bits;
        return fits && hasNoBitsBehind(whole, prefix)
                ? Optional.of(new AddressModel(whole.value, whole.bits, prefix))
                : Optional.empty();
    }

    private static boolean hasNoBitsBehind(AddressModel whole, int prefix) {
        return whole.value.mod(BigInteger.ONE.shiftLeft(whole.bits - prefix)).signum() == 0;
    }

    private static Optional<AddressModel> address(String text) {
        return text.indexOf(':') < 0
                ? ipv4(text).map(value -> new AddressModel(value, IPV4_BITS, IPV4_BITS))
                : ipv6(bare(text)).map(AddressModel::unmapped);
    }

    /** {@return an IPv6 address without the brackets and the zone that Java accepts} */
    private static String bare(String text) {
        var inside = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = inside.indexOf('%');
        return zone < 0 ? inside : inside.substring(0, zone);
    }

    private static Optional<BigInteger> ipv4(String text) {
        var words = text.split("\\.", -1);
        if (words.length != 4) {
            return Optional.empty();
        }
        var value = BigInteger.ZERO;
        for (var word : words) {
            if (!word.matches("[0-9]+") || new BigInteger(word).bitLength() > Byte.SIZE) {
                return Optional.empty();
            }
            value = value.shiftLeft(Byte.SIZE).add(new BigInteger(word));
        }
        return Optional.of(value);
    }

    private static Optional<BigInteger> ipv6(String text) {
        int gap = text.indexOf("::");
        if (gap < 0) {
            return words(text).filter(words -> words.size() == WORDS).map(AddressModel::joined);
        }
        var before = gap == 0 ? Optional.of(List.<BigInteger>of()) : words(text.substring(0, gap));
        var rest = text.substring(gap + 2);
        var after = rest.isEmpty() ? Optional.of(List.<BigInteger>of()) : words(rest);
        if (before.isEmpty() || after.isEmpty() || text.substring(0, gap).indexOf('.') >= 0) {
            return Optional.empty();
        }
        int missing = WORDS - before.get().size() - after.get().size();
        if (missing < 1) {
            return Optional.empty();
        }
        var all = new ArrayList<>(before.get());
        all.addAll(Collections.nCopies(missing, BigInteger.ZERO));
        all.addAll(after.get());
        return Optional.of(joined(all));
    }

    private static Optional<List<BigInteger>> words(String text) {
        var parts = text.split(":", -1);
        var words = new ArrayList<BigInteger>();
        for (int i = 0; i < parts.length; i++) {
            if (i == parts.length - 1 && parts[i].indexOf('.') >= 0) {
                var last = ipv4(parts[i]);
                if (last.isEmpty()) {
                    return Optional.empty();
                }
                words.add(last.get().shiftRight(16));
                words.add(last.get().and(MAPPED));
            } else if (parts[i].matches("[0-9a-fA-F]+") && new BigInteger(parts[i], 16).bitLength() <= 16) {
                words.add(new BigInteger(parts[i], 16));
            } else {
                return Optional.empty();
            }
        }
        return Optional.of(words);
    }

    private static BigInteger joined(List<BigInteger> words) {
        return words.stream()
                .reduce(BigInteger.ZERO, (sum, word) -> sum.shiftLeft(16).add(word));
    }

    private static AddressModel unmapped(BigInteger value) {
        return value.shiftRight(IPV4_BITS).equals(MAPPED)
                ? new AddressModel(value.subtract(MAPPED.shiftLeft(IPV4_BITS)), IPV4_BITS, IPV4_BITS)
                : new AddressModel(value, IPV6_BITS, IPV6_BITS);
    }

    static AddressModel of(InetAddress address) {
        var value = new BigInteger(1, address.getAddress());
        return address.getAddress().length == 4 ? new AddressModel(value, IPV4_BITS, IPV4_BITS) : unmapped(value);
    }

    /** {@return whether a text must be accepted: it has no leading zeros, zones and brackets} */
    static boolean isPlain(String text) {
        return text.matches("[0-9a-fA-F:./]+")
                && Arrays.stream(text.replaceFirst("/.*", "").split("[:.]", -1))
                        .allMatch(word -> text.indexOf(':') >= 0 && word.matches("[1-9a-fA-F]?[0-9a-fA-F]{0,3}")
                                || STRICT_DECIMAL.matcher(word).matches());
    }

    boolean contains(AddressModel other) {
        return bits == other.bits && value.shiftRight(bits - prefix).equals(other.value.shiftRight(bits - prefix));
    }

    /** {@return this address, those that differ from it in one bit, and both ends of the address space} */
    List<InetAddress> around() {
        var all = new ArrayList<InetAddress>();
        all.add(address(value));
        all.add(address(BigInteger.ZERO));
        all.add(address(BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE)));
        for (int bit = 0; bit < bits; bit++) {
            all.add(address(value.flipBit(bit)));
        }
        return all;
    }

    private InetAddress address(BigInteger number) {
        var bytes = new byte[bits / Byte.SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = number.shiftRight(bits - Byte.SIZE * (i + 1)).byteValue();
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
