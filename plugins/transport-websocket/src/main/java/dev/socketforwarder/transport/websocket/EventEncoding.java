package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Turns each message into one server-sent event: a text into its lines, any other message into base64 with the event name {@code
 * binary}. A text whose lines are so short that the event would be more than twice as long is treated like any other message.
 *
 * @param texts says which messages are text
 */
record EventEncoding(Texts texts) implements Encoding {
    private static final byte[] LINE = "data: ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] BINARY = "event: binary\ndata: ".getBytes(StandardCharsets.US_ASCII);
    private static final int PART = 3 << 10; // a multiple of 3, so that parts join
    private static final int ROOM = 64; // for what surrounds a short message

    @Override
    public long maxBytes(int length) {
        return 2L * length + ROOM;
    }

    @Override
    public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
        int begin = into.position();
        if (!texts.isText(message, kind) || !lines(message, into)) {
            into.position(begin);
            into.put(BINARY);
            base64(message, into);
            into.put((byte) '\n');
        }
        into.put((byte) '\n');
        return true;
    }

    /** Encode a part at a time, since no limit covers what is on the heap. */
    private static void base64(ByteBuffer message, ByteBuffer into) {
        for (int at = message.position(); at < message.limit(); at += PART) {
            into.put(Base64.getEncoder().encode(message.slice(at, Math.min(PART, message.limit() - at))));
        }
    }

    /** Write the lines of a text, which end as the receiver takes them: by a line feed, a carriage return or both. */
    private static boolean lines(ByteBuffer text, ByteBuffer into) {
        int room = text.remaining() * 2 + ROOM - 1;
        int begin = into.position();
        into.put(LINE);
        for (int at = text.position(); at < text.limit(); at++) {
            byte each = text.get(at);
            boolean isEnd = each == '\n' || each == '\r';
            if (into.position() - begin + LINE.length + 2 > room) {
                return false;
            }
            if (isEnd) {
                into.put((byte) '\n').put(LINE);
                if (each == '\r' && at + 1 < text.limit() && text.get(at + 1) == '\n') {
                    at++;
                }
            } else {
                into.put(each);
            }
        }
        into.put((byte) '\n');
        return true;
    }
}
