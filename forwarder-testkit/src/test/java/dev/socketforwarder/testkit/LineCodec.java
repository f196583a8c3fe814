package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The first line of a client names its group. Each further line is a message. An empty line is an error. */
final class LineCodec implements Codec {
    private final Conversation conversation;
    private final byte[] prefix; // the setting new-client-prefix
    private boolean isMember;

    LineCodec(Conversation conversation, String prefix) {
        this.conversation = conversation;
        this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void received(ByteBuffer bytes) {
        for (int feed = feed(bytes); feed >= 0; feed = feed(bytes)) {
            var line = bytes.slice(bytes.position(), feed - bytes.position());
            bytes.position(feed + 1);
            if (!line.hasRemaining()) {
                conversation.end(Reason.PROTOCOL_ERROR, "an empty line");
                return;
            } else if (isMember) {
                conversation.publish(line, MessageKind.TEXT);
            } else {
                var first = ByteBuffer.allocate(prefix.length + line.remaining() + 1);
                conversation.join(first.put(prefix).put(line).put((byte) '\n').flip(), new Lines());
                return; // what follows is left until the member has joined
            }
        }
    }

    /** {@return where the next line feed is; -1 if the line is not complete} */
    private static int feed(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                return i;
            }
        }
        return -1;
    }

    @Override
    public void joined() {
        isMember = true;
    }

    @Override
    public void goodbye(Reason reason) {
        conversation.send(StandardCharsets.UTF_8.encode("goodbye: " + reason + "\n"));
    }

    /** A message as the clients get it: as a line. */
    record Lines() implements Encoding {
        @Override
        public long maxBytes(int length) {
            return length + 1L;
        }

        @Override
        public boolean encode(ByteBuffer message, MessageKind kind, ByteBuffer into) {
            boolean isLine = message.hasRemaining() && message.get(message.limit() - 1) == '\n';
            into.put(message);
            if (!isLine) { // what members of plain TCP send often is one
                into.put((byte) '\n');
            }
            return true;
        }
    }
}
