package dev.socketforwarder.transport.websocket;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Makes the frames of a client, byte by byte, right and wrong ones. */
final class Wire {
    static final int FIN = 0x80;
    static final int RSV1 = 0x40;
    static final int RSV2 = 0x20;
    static final int RSV3 = 0x10;
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final byte[] MASK = {0x37, (byte) 0xfa, 0x21, 0x3d};

    private Wire() {}

    /** {@return a masked frame with the shortest form of its length} */
    static byte[] frame(int first, byte[] payload) {
        int form = payload.length < 126 ? payload.length : payload.length <= 0xffff ? 126 : 127;
        return frame(first, form, payload);
    }

    static byte[] frame(int first, String payload) {
        return frame(first, utf8(payload));
    }

    /** {@return a masked frame whose length has a given form: 126 is 2 bytes, 127 is 8 bytes, any other is the length} */
    static byte[] frame(int first, int form, byte[] payload) {
        var frame = ByteBuffer.allocate(14 + payload.length);
        frame.put((byte) first).put((byte) (0x80 | form));
        if (form == 126) {
            frame.putShort((short) payload.length);
        } else if (form == 127) {
            frame.putLong(payload.length);
        }
        frame.put(MASK);
        for (int i = 0; i < payload.length; i++) {
            frame.put((byte) (payload[i] ^ MASK[i % 4]));
        }
        return bytes(frame.flip());
    }

    /** {@return the payload of a close frame} */
    static byte[] closing(int code, String reason) {
        return concat(new byte[] {(byte) (code >> 8), (byte) code}, utf8(reason));
    }

    static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (var part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
