package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Streams a group's messages as server-sent events. */
final class EventsCodec implements Codec {
    private static final byte[] COMMENT = ":\n\n".getBytes(StandardCharsets.US_ASCII);

    private final Conversation conversation;
    private String allowed; // null after the join

    /**
     * Prepare for the join.
     *
     * @param allowed {@link Http#allowed}
     */
    EventsCodec(Conversation conversation, String allowed) {
        this.conversation = conversation;
        this.allowed = allowed;
    }

    @Override
    public void joined() {
        conversation.send(Http.answer(
                200,
                "Content-Type: text/event-stream\r\nCache-Control: no-store\r\nX-Accel-Buffering: no\r\n" + allowed
                        + "Connection: close\r\n",
                ""));
        allowed = null;
    }

    @Override
    public void received(ByteBuffer bytes) {
        bytes.position(bytes.limit()); // there is nothing left to say
    }

    @Override
    public void probe() {
        conversation.send(ByteBuffer.wrap(COMMENT));
    }
}
