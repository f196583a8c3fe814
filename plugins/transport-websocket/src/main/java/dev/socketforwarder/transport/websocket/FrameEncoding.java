package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;

/**
 * Turns each message into one frame of WebSocket.
 *
 * @param texts says which messages are text
 * @param deflate compresses; null if the client takes nothing compressed
 */
record FrameEncoding(Texts texts, Deflate deflate) implements Encoding {
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int LAST = 0x80;
    private static final int COMPRESSED = 0x40;
    private static final int LARGEST_HEADER = 10;
    private static final int LARGEST_SHORT_LENGTH = 125;
    private static final int LENGTH_OF_2_BYTES = 126;
    private static final int LENGTH_OF_8_BYTES = 127;

    /** A smaller message gains nothing by compression. */
    private static final int WORTH_COMPRESSING = 64;

    @Override
    public long maxBytes(int length) {
        return LARGEST_HEADER + (long) length;
    }

    @Override
    public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
        int opcode = texts.isText(message, kind) ? TEXT : BINARY;
        int length = message.remaining();
        if (deflate == null || length < WORTH_COMPRESSING || !compress(opcode, message, into)) {
            header(LAST | opcode, length, into);
            into.put(message);
        }
        return true;
    }

    /** {@return whether the message became smaller; if not, nothing has been written} */
    private boolean compress(int opcode, ByteBuffer message, ByteBuffer into) {
        int begin = into.position();
        int limit = into.limit();
        int payload = begin + LARGEST_HEADER;
        into.position(payload).limit(payload + message.remaining());
        boolean isSmaller = deflate.deflate(message, into);
        int length = into.position() - payload;
        into.limit(limit).position(begin);
        if (isSmaller) {
            header(LAST | COMPRESSED | opcode, length, into);
            into.put(into.position(), into, payload, length);
            into.position(into.position() + length);
        }
        return isSmaller;
    }

    /** {@return one control frame} */
    static ByteBuffer control(int opcode, ByteBuffer payload) {
        var frame = ByteBuffer.allocate(2 + payload.remaining());
        header(LAST | opcode, payload.remaining(), frame);
        return frame.put(payload).flip();
    }

    private static void header(int first, int length, ByteBuffer into) {
        into.put((byte) first);
        if (length <= LARGEST_SHORT_LENGTH) {
            into.put((byte) length);
        } else if (length <= 0xffff) {
            into.put((byte) LENGTH_OF_2_BYTES).putShort((short) length);
        } else {
            into.put((byte) LENGTH_OF_8_BYTES).putLong(length);
        }
    }
}
