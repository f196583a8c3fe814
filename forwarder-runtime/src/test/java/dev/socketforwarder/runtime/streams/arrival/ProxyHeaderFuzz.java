package dev.socketforwarder.runtime.streams.arrival;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Complete;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Malformed;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.NeedMore;
import dev.socketforwarder.runtime.streams.arrival.ProxyHeader.Result;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A target of the fuzzer: the beginning of a trusted proxy's connection. The first byte of the input chooses how many
 * bytes come at once. It also chooses a beginning that is put in front of the rest, since no fuzzer soon guesses a
 * signature of twelve bytes.
 */
public final class ProxyHeaderFuzz {
    static final byte[] SIGNATURE = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    private static final byte[][] BEGINNINGS = {{}, SIGNATURE, "PROXY ".getBytes(ISO_8859_1)};
    private static final Set<Byte> UNUSED_FAMILIES =
            Set.of((byte) 0, (byte) 0x12, (byte) 0x22, (byte) 0x31, (byte) 0x32);
    private static final Pattern LINE =
            Pattern.compile("PROXY (TCP4|TCP6) (\\S+) (\\S+) ([0-9]{1,5}) ([0-9]{1,5})\r\n");

    /**
     * The outcome of reading a header.
     *
     * @param taken how many bytes were read
     */
    record Reading(Result result, int taken) {}

    private ProxyHeaderFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int control = input[0] & 0xff;
        var beginning = BEGINNINGS[control % BEGINNINGS.length];
        var stream = Arrays.copyOf(beginning, beginning.length + input.length - 1);
        System.arraycopy(input, 1, stream, beginning.length, input.length - 1);
        check(stream, 1 + control / BEGINNINGS.length);
    }

    /**
     * Assert that every stream gets an answer, that the answer does not depend on the pieces, and that nothing behind
     * the header is read.
     */
    static void check(byte[] stream, int most) {
        var whole = read(stream, Integer.MAX_VALUE);
        var split = read(stream, most);
        if (whole.result instanceof Malformed) {
            // The pieces show more or less of the header at a time, so another mistake may be found first.
            assertThat(split.result).isInstanceOf(Malformed.class);
        } else {
            assertThat(split.result).isEqualTo(whole.result);
        }
        if (whole.result instanceof Complete(var source)) {
            assertThat(split.taken).isEqualTo(whole.taken);
            var header = Arrays.copyOf(stream, whole.taken);
            assertThat(source).isEqualTo(source(header));
            if (header[0] == '\r') {
                checkExtensions(header, source);
            }
        }
    }

    /** Assert that bytes behind the addresses change neither the address nor how much is taken as the header. */
    private static void checkExtensions(byte[] header, Optional<InetSocketAddress> source) {
        int fixed = 16 + (header[13] == 0x11 ? 12 : header[13] == 0x21 ? 36 : 0);
        if (header.length < fixed) {
            return; // the header speaks for the proxy itself, so any addresses count for nothing
        }
        var other = Arrays.copyOf(header, header.length + 1); // with one byte behind the header
        for (int i = fixed; i < other.length; i++) {
            other[i] = (byte) ~other[i];
        }
        assertThat(read(other, Integer.MAX_VALUE)).isEqualTo(new Reading(new Complete(source), header.length));
        var bare = Arrays.copyOf(header, fixed);
        ByteBuffer.wrap(bare).putShort(14, (short) (fixed - 16));
        assertThat(read(bare, Integer.MAX_VALUE)).isEqualTo(new Reading(new Complete(source), fixed));
    }

    /** Read as many bytes as each answer asks for, but at most {@code most} at a time. */
    static Reading read(byte[] stream, int most) {
        int taken = 0;
        while (true) {
            // The header does not begin at the buffer's start, and the buffer is read-only.
            var buffer = ByteBuffer.allocate(taken + 3)
                    .position(3)
                    .put(stream, 0, taken)
                    .position(3);
            var result = ProxyHeader.parse(buffer.asReadOnlyBuffer());
            if (!(result instanceof NeedMore(int wanted))) {
                return new Reading(result, taken);
            }
            assertThat(wanted).isPositive();
            assertThat(taken + wanted).isLessThanOrEqualTo(ProxyHeader.LONGEST);
            int n = Math.min(Math.min(wanted, most), stream.length - taken);
            if (n == 0) {
                // How many more bytes are wanted depends on how many there are.
                return new Reading(new NeedMore(1), taken);
            }
            taken += n;
        }
    }

    /** {@return the client's address in a whole header, found without the code under test} */
    private static Optional<InetSocketAddress> source(byte[] header) {
        try {
            return header[0] == '\r' ? ofBinary(ByteBuffer.wrap(header)) : ofLine(new String(header, ISO_8859_1));
        } catch (UnknownHostException e) {
            throw new AssertionError("no such address was to be let through", e);
        }
    }

    private static Optional<InetSocketAddress> ofLine(String line) throws UnknownHostException {
        if (line.startsWith("PROXY UNKNOWN")) {
            return Optional.empty();
        }
        var matcher = LINE.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        assertThat(matcher.group(2)).doesNotContain("[", "%", "/");
        assertThat(Integer.parseInt(matcher.group(5))).isLessThanOrEqualTo(65_535);
        assertThat(matcher.group(2).contains(":")).isEqualTo(matcher.group(1).equals("TCP6"));
        return Optional.of(
                new InetSocketAddress(InetAddress.ofLiteral(matcher.group(2)), Integer.parseInt(matcher.group(4))));
    }

    private static Optional<InetSocketAddress> ofBinary(ByteBuffer header) throws UnknownHostException {
        assertThat(header.get(12) & 0xfe).isEqualTo(0x20);
        assertThat(header.getShort(14) & 0xffff).isEqualTo(header.capacity() - 16);
        if (header.get(12) == 0x20 || UNUSED_FAMILIES.contains(header.get(13))) {
            return Optional.empty();
        }
        assertThat(header.get(13)).isIn((byte) 0x11, (byte) 0x21);
        var address = new byte[header.get(13) == 0x11 ? 4 : 16];
        header.get(16, address);
        int port = header.getShort(16 + 2 * address.length) & 0xffff;
        return Optional.of(new InetSocketAddress(InetAddress.getByAddress(address), port));
    }
}
