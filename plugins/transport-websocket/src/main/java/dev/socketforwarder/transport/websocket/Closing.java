package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Makes close frames. */
final class Closing {
    private static final int NORMAL = 1000;
    private static final int GOING_AWAY = 1001;
    private static final int POLICY = 1008;
    private static final int FAILED = 1011;
    private static final int TRY_LATER = 1013;
    private static final int LARGEST_TEXT = 123;

    private Closing() {}

    /** {@return the close frame that tells why the forwarder ends a connection} */
    static ByteBuffer frame(Reason reason) {
        int code = switch (reason) {
            case STOPPED, MOVED -> GOING_AWAY;
            case PEER_CLOSED, IDLE -> NORMAL;
            case PROTOCOL_ERROR, MESSAGE_INCOMPLETE -> Violation.PROTOCOL_ERROR;
            case MESSAGE_TOO_LARGE -> Violation.TOO_BIG;
            case INTERNAL_ERROR, HANDSHAKE_FAILED -> FAILED;
            case OUT_OF_QUEUE, STALLED, TOO_SLOW, WRITE_DEADLINE, FLUSH_TIMEOUT -> TRY_LATER;
            default -> POLICY;
        };
        return frame(code, reason.label());
    }

    /**
     * {@return a close frame}
     *
     * @param code of RFC 6455; below 0 for none
     * @param text in ASCII; cut if it is too long
     */
    static ByteBuffer frame(int code, String text) {
        var payload = ByteBuffer.allocate(2 + LARGEST_TEXT);
        if (code >= 0) {
            var bytes = text.getBytes(StandardCharsets.US_ASCII);
            payload.putShort((short) code).put(bytes, 0, Math.min(bytes.length, LARGEST_TEXT));
        }
        return FrameEncoding.control(FrameEncoding.CLOSE, payload.flip());
    }
}
