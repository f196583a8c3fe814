package dev.socketforwarder.runtime.testing;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.socketforwarder.api.buffer.Framing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/** Frames messages and removes frames as a client does, independently of the code under test. */
public final class TestFraming {
    private TestFraming() {}

    public static byte[] framed(byte[] bare, Framing framing) {
        var out = new ByteArrayOutputStream();
        if (header(framing) > 0) {
            var header = ByteBuffer.allocate(header(framing)).order(order(framing));
            out.writeBytes(
                    (header(framing) == 2 ? header.putShort((short) bare.length) : header.putInt(bare.length)).array());
        }
        out.writeBytes(bare);
        out.writeBytes(trailer(framing));
        return out.toByteArray();
    }

    /** {@return the whole messages of a stream, without their frames} */
    public static List<byte[]> split(byte[] stream, Framing framing) {
        var messages = new ArrayList<byte[]>();
        var text = new String(stream, ISO_8859_1);
        var trailer = trailer(framing);
        int at = 0;
        while (at + header(framing) <= stream.length) {
            int start = at + header(framing);
            int end = header(framing) > 0
                    ? start + length(stream, at, framing)
                    : text.indexOf(new String(trailer, ISO_8859_1), at);
            if (end < start || end + trailer.length > stream.length) {
                break;
            }
            messages.add(Arrays.copyOfRange(stream, start, end));
            at = end + trailer.length;
        }
        return messages;
    }

    private static int length(byte[] stream, int at, Framing framing) {
        var header = ByteBuffer.wrap(stream, at, header(framing)).order(order(framing));
        return header(framing) == 2 ? header.getShort() & 0xffff : header.getInt();
    }

    /** {@return how many bytes each header has} */
    private static int header(Framing framing) {
        return framing.headerBytes(0);
    }

    private static ByteOrder order(Framing framing) {
        return framing.toString().endsWith("big") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    }

    private static byte[] trailer(Framing framing) {
        if (framing.equals(Framing.LINE)) {
            return new byte[] {'\n'};
        }
        var text = framing.toString();
        return text.startsWith("delimiter ")
                ? HexFormat.of().parseHex(text.substring("delimiter ".length()))
                : new byte[0];
    }
}
