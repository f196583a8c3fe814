package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** Speaks WebSocket with a client whose request was right. */
final class SocketCodec implements Codec, Frames.Listener {
    private static final String ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, section 1.3
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final Conversation conversation;
    private ByteBuffer upgrade; // null after the join: a member does not keep what its request said
    private final Deflate deflate; // null without compression
    private final boolean hasEarlyFrames;
    private Frames frames; // null before the join

    /**
     * Prepare for the join.
     *
     * @param deflate compresses; null without compression
     * @param hasEarlyFrames whether frames came with the request: a client has to wait for the answer (RFC 6455, section 4.1)
     */
    SocketCodec(Conversation conversation, Request request, Deflate deflate, boolean hasEarlyFrames) {
        this.conversation = conversation;
        this.upgrade = upgrade(request, deflate != null);
        this.deflate = deflate;
        this.hasEarlyFrames = hasEarlyFrames;
    }

    @Override
    public void joined() {
        frames = new Frames(this, conversation.largestMessage(), deflate, conversation.memory());
        conversation.send(upgrade);
        upgrade = null;
        if (hasEarlyFrames) {
            fail(new Violation(Violation.PROTOCOL_ERROR, "frames came before the handshake was over"));
        }
    }

    /** {@return the answer that ends HTTP} */
    static ByteBuffer upgrade(Request request, boolean isDeflating) {
        var headers =
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept(request.key()) + "\r\n"
                        + request.protocol()
                                .map(protocol -> "Sec-WebSocket-Protocol: " + protocol + "\r\n")
                                .orElse("")
                        + (isDeflating ? "Sec-WebSocket-Extensions: " + Deflate.AGREED + "\r\n" : "");
        return Http.answer(101, headers, "");
    }

    private static String accept(String key) {
        try {
            var digest = MessageDigest.getInstance("SHA-1").digest((key + ACCEPT).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        try {
            frames.read(bytes);
        } catch (Violation e) {
            fail(e);
        } catch (OutOfQueueException _) {
            goodbye(Reason.OUT_OF_QUEUE);
            end(Reason.OUT_OF_QUEUE, "");
        }
    }

    private void fail(Violation violation) {
        conversation.send(Closing.frame(violation.code(), violation.getMessage()));
        boolean isLarge = violation.code() == Violation.TOO_BIG;
        end(isLarge ? Reason.MESSAGE_TOO_LARGE : Reason.PROTOCOL_ERROR, violation.getMessage());
    }

    @Override
    public void message(boolean isText, ByteBuffer bytes) {
        conversation.publish(bytes, isText ? MessageKind.TEXT : MessageKind.BINARY);
    }

    @Override
    public void ping(ByteBuffer payload) {
        conversation.send(FrameEncoding.control(FrameEncoding.PONG, payload));
    }

    @Override
    public void closed(int code) {
        conversation.send(Closing.frame(code, ""));
        end(Reason.PEER_CLOSED, "");
    }

    /** Leave even if half-closed TCP members stay: without a close frame, the client's program is gone. */
    @Override
    public void ended() {
        end(Reason.PEER_CLOSED, "");
    }

    @Override
    public void probe() {
        conversation.send(FrameEncoding.control(FrameEncoding.PING, NOTHING.duplicate()));
    }

    /** End the connection, and give back the memory at once: the last bytes may be long on their way to a slow client. */
    private void end(Reason reason, String detail) {
        conversation.end(reason, detail);
        close();
    }

    @Override
    public void goodbye(Reason reason) {
        close();
        conversation.send(Closing.frame(reason));
    }

    @Override
    public void close() {
        if (frames != null) {
            frames.close();
        }
    }
}
