package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.MessageKind;
import java.nio.ByteBuffer;

/** Publishes the body of a request as one message. */
final class PublishCodec implements Codec {
    private final Conversation conversation;
    private final Request request;
    private final String allowed;

    /**
     * Prepare for the join.
     *
     * @param allowed {@link Http#allowed}
     */
    PublishCodec(Conversation conversation, Request request, String allowed) {
        this.conversation = conversation;
        this.request = request;
        this.allowed = allowed;
    }

    @Override
    public void joined() {
        if (request.length() > conversation.largestMessage()) {
            refuse(Refusal.of(Reason.MESSAGE_TOO_LARGE));
        } else if (request.expectsContinue()) {
            conversation.send(Http.answer(100, "", ""));
        }
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (bytes.remaining() < request.length()) {
            return;
        }
        var body = bytes.slice(bytes.position(), request.length());
        bytes.position(bytes.limit());
        if (request.isText() && !Texts.isUtf8(body)) {
            refuse(new Refusal(400, "By its type the message is text, but it is not UTF-8."));
            return;
        }
        conversation.publish(body, request.isText() ? MessageKind.TEXT : MessageKind.BINARY);
        conversation.send(Http.answer(204, allowed + "Connection: close\r\n", ""));
        conversation.end(Reason.PEER_CLOSED, "");
    }

    /** End the request: a body on its way is never silent for so long. */
    @Override
    public void probe() {
        refuse(Refusal.of(Reason.MESSAGE_INCOMPLETE));
    }

    /** End the request even if half-closed TCP members stay: without its body, it can publish nothing. */
    @Override
    public void ended() {
        refuse(new Refusal(
                400, Reason.MESSAGE_INCOMPLETE, "The request ended before all of its message had come.", ""));
    }

    private void refuse(Refusal refusal) {
        conversation.send(Http.answer(refusal, allowed, true));
        conversation.end(refusal.reason(), refusal.getMessage());
    }

    @Override
    public void goodbye(Reason reason) {
        conversation.send(Http.answer(Refusal.of(reason), allowed, true));
    }
}
