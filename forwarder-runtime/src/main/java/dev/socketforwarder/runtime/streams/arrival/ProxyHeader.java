package dev.socketforwarder.runtime.streams.arrival;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads the header in which a proxy names the client, before all other bytes. Both versions of the PROXY protocol are
 * understood: version 1 is a line of text, version 2 is binary.
 *
 * <p>For an incomplete header, the caller learns how many more bytes certainly belong to the header. So the caller
 * reads no byte behind the header.
 */
final class ProxyHeader {
    /** The longest header that is read. A version 2 header whose extensions make it longer is malformed. */
    static final int LONGEST = 4_096;

    private static final byte[] LINE_START = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    private static final int SHORTEST_LINE = 15; // "PROXY UNKNOWN\r\n"
    private static final int LONGEST_LINE = 107;
    private static final int FIXED_PART = 16;
    private static final int IPV4_BYTES = 4;
    private static final int IPV6_BYTES = 16;

    private static final int UNSPECIFIED = 0x00;
    private static final int TCP_OVER_IPV4 = 0x11;
    private static final int UDP_OVER_IPV4 = 0x12;
    private static final int TCP_OVER_IPV6 = 0x21;
    private static final int UDP_OVER_IPV6 = 0x22;
    private static final int UNIX_STREAM = 0x31;
    private static final int UNIX_DATAGRAM = 0x32;

    /** Says what the bytes so far are. */
    public sealed interface Result {}

    /** The beginning of a header, of which at least {@code bytes} more bytes are missing. */
    record NeedMore(int bytes) implements Result {}

    /**
     * A whole header with the client's address, which is empty if the proxy speaks for itself or does not know the
     * client.
     */
    record Complete(Optional<InetSocketAddress> source) implements Result {}

    /** No header. */
    record Missing() implements Result {}

    /** Bytes that begin as a header does, but are no header. */
    record Malformed(String detail) implements Result {}

    private ProxyHeader() {}

    /** {@return whether these bytes begin as a header does} */
    static boolean isAtStartOf(ByteBuffer bytes) {
        return bytes.remaining() >= LINE_START.length && matches(bytes, LINE_START)
                || bytes.remaining() >= SIGNATURE.length && matches(bytes, SIGNATURE);
    }

    /** Examine all bytes so far, from position to limit. There must be no more bytes than earlier answers asked for. */
    static Result parse(ByteBuffer bytes) {
        if (matches(bytes, SIGNATURE)) {
            int there = bytes.remaining();
            // A text header may begin with the first of these bytes too, and may be shorter than the binary header.
            return there < SHORTEST_LINE ? new NeedMore(SHORTEST_LINE - there) : parseBinary(bytes);
        }
        return matches(bytes, LINE_START) ? parseLine(bytes) : new Missing();
    }

    /** {@return whether the bytes and the start agree, as far as both reach} */
    private static boolean matches(ByteBuffer bytes, byte[] start) {
        int n = Math.min(bytes.remaining(), start.length);
        for (int i = 0; i < n; i++) {
            if (bytes.get(bytes.position() + i) != start[i]) {
                return false;
            }
        }
        return true;
    }

    private static Result parseLine(ByteBuffer bytes) {
        int there = bytes.remaining();
        if (there < SHORTEST_LINE) {
            return new NeedMore(SHORTEST_LINE - there);
        }
        int end = bytes.limit();
        if (bytes.get(end - 2) != '\r' || bytes.get(end - 1) != '\n') {
            return there < LONGEST_LINE ? new NeedMore(1) : new Malformed("the line has no end");
        }
        var line = StandardCharsets.ISO_8859_1
                .decode(bytes.slice(bytes.position(), there - 2))
                .toString();
        if (line.chars().anyMatch(c -> c < ' ')) {
            return new Malformed("the line has control characters");
        }
        var words = line.split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return new Complete(Optional.empty());
        }
        boolean isIpv6 = words[1].equals("TCP6");
        if (words.length != 6 || !isIpv6 && !words[1].equals("TCP4")) {
            return new Malformed("the line is neither TCP4 nor TCP6 with two addresses and ports");
        }
        var source = address(words[2], isIpv6);
        int port = port(words[4]);
        if (source.isEmpty() || address(words[3], isIpv6).isEmpty() || port < 0 || port(words[5]) < 0) {
            return new Malformed("the line has an invalid address or port");
        }
        return new Complete(Optional.of(new InetSocketAddress(source.get(), port)));
    }

    private static Optional<InetAddress> address(String text, boolean isIpv6) {
        // No other form is accepted. Otherwise a bracket, a scope or a single number could pass for an address.
        var form = isIpv6 ? "[0-9a-fA-F:.]*:[0-9a-fA-F:.]*" : "[0-9]{1,3}(\\.[0-9]{1,3}){3}";
        if (!text.matches(form)) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static int port(String text) {
        int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : -1;
        return port <= 65_535 ? port : -1;
    }

    private static Result parseBinary(ByteBuffer bytes) {
        int there = bytes.remaining();
        if (there < FIXED_PART) {
            return new NeedMore(FIXED_PART - there);
        }
        int start = bytes.position();
        int command = bytes.get(start + 12) & 0xff;
        int family = bytes.get(start + 13) & 0xff;
        int length = bytes.getShort(start + 14) & 0xffff;
        if (command != 0x20 && command != 0x21) {
            return new Malformed("the version or command is unknown");
        }
        if (FIXED_PART + length > LONGEST) {
            return new Malformed("the header is longer than " + LONGEST + " bytes");
        }
        if (there < FIXED_PART + length) {
            return new NeedMore(FIXED_PART + length - there);
        }
        boolean isProxied = command == 0x21;
        return isProxied ? source(bytes.slice(start + FIXED_PART, length), family) : new Complete(Optional.empty());
    }

    private static Result source(ByteBuffer addresses, int family) {
        return switch (family) {
            case TCP_OVER_IPV4 -> tcpSource(addresses, IPV4_BYTES);
            case TCP_OVER_IPV6 -> tcpSource(addresses, IPV6_BYTES);
            // A receiver treats the families that it does not use as UNSPEC, whatever addresses they come with.
            case UNSPECIFIED, UDP_OVER_IPV4, UDP_OVER_IPV6, UNIX_STREAM, UNIX_DATAGRAM ->
                new Complete(Optional.empty());
            default -> new Malformed("the address family is unknown");
        };
    }

    private static Result tcpSource(ByteBuffer addresses, int size) {
        if (addresses.remaining() < 2 * size + 4) {
            return new Malformed("the header is too short for its addresses");
        }
        var address = new byte[size];
        addresses.get(0, address);
        int port = addresses.getShort(2 * size) & 0xffff;
        try {
            return new Complete(Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port)));
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }
}
