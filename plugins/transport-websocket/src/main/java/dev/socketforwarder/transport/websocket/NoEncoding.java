package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;

/** Drops every message: the encoding of a member that only publishes. */
record NoEncoding() implements Encoding {
    @Override
    public long maxBytes(int length) {
        return 0;
    }

    @Override
    public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
        return true;
    }
}
