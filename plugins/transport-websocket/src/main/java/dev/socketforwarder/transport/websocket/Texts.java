package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.MessageKind;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Says which messages are text.
 *
 * @param byContent whether a message whose sender did not say, since it uses TCP or UDP, is text if it is UTF-8
 */
record Texts(boolean byContent) {

    boolean isText(ByteBuffer message, MessageKind kind) {
        return switch (kind) {
            case TEXT -> true;
            case BINARY -> false;
            case NONE -> byContent && isUtf8(message);
        };
    }

    /** {@return whether the bytes from position to limit are UTF-8} */
    static boolean isUtf8(ByteBuffer bytes) {
        return ByteBufUtil.isText(Unpooled.wrappedBuffer(bytes), StandardCharsets.UTF_8);
    }
}
