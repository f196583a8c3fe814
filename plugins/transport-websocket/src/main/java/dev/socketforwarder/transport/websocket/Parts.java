package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Memory;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;

/** Holds the parts of a message whose last part has not come, in memory that the runtime counts. */
final class Parts implements AutoCloseable {
    private static final int LEAST = 1 << 10;

    private final Memory memory;
    private ByteBuffer bytes; // null without parts

    Parts(Memory memory) {
        this.memory = memory;
    }

    int length() {
        return bytes == null ? 0 : bytes.position();
    }

    /**
     * Add a part.
     *
     * @throws dev.socketforwarder.api.buffer.OutOfQueueException if no memory is left
     */
    void add(ByteBuf part) {
        int length = length() + part.readableBytes();
        if (bytes == null || length > bytes.capacity()) {
            var larger = memory.acquire(Math.max(LEAST, length + length / 2)).clear();
            if (bytes != null) {
                larger.put(bytes.flip());
                memory.release(bytes);
            }
            bytes = larger;
        }
        int end = bytes.position() + part.readableBytes();
        part.readBytes(bytes.limit(end));
        bytes.limit(bytes.capacity());
    }

    /** {@return the whole message, until the next call of any method} */
    ByteBuffer whole() {
        return bytes.duplicate().flip();
    }

    /** Forget the message, and give its memory back. */
    @Override
    public void close() {
        if (bytes != null) {
            memory.release(bytes);
            bytes = null;
        }
    }
}
