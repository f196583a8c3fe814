package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Conversation;
import dev.socketforwarder.api.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Serves one connection: reads its request, asks to join, and hands over to the codec of what was asked for. */
final class RequestCodec implements Codec {
    private static final Logger LOG = System.getLogger(RequestCodec.class.getName());

    private static final String PREFLIGHT = "Access-Control-Allow-Methods: GET, POST\r\n"
            + "Access-Control-Allow-Headers: authorization, content-type\r\n";

    private final Conversation conversation;
    private final WebSocketSettings rules;
    private final Deflate deflate;

    private Codec next; // null until the head of the request has come
    private String allowed = ""; // what lets the page of a browser read the answer
    private boolean isJoined;

    RequestCodec(Conversation conversation, WebSocketSettings rules, Deflate deflate) {
        this.conversation = conversation;
        this.rules = rules;
        this.deflate = deflate;
    }

    @Override
    public void received(ByteBuffer bytes) {
        if (next != null) {
            next.received(bytes);
            return;
        }
        int end = Http.endOfHead(bytes);
        if (end < 0) {
            return;
        }
        var head = bytes.slice(bytes.position(), end - bytes.position());
        boolean isHead = Http.isHead(head); // such a request is always refused here
        bytes.position(end);
        try {
            begin(request(head), bytes);
        } catch (Refusal e) {
            bytes.position(bytes.limit());
            conversation.send(Http.answer(e, allowed, !isHead));
            conversation.end(e.reason(), e.getMessage());
        }
    }

    /** Read a request. A fault in that reading, ours or the library's, is no reason to fail loudly for a stranger's bytes. */
    private Request request(ByteBuffer head) throws Refusal {
        try {
            var http = Http.request(head);
            allowed = Http.allowed(Request.origin(http, rules));
            return Request.of(http, rules);
        } catch (RuntimeException e) {
            LOG.log(Level.DEBUG, "A request cannot be read", e);
            throw new Refusal(400, "The request cannot be read.");
        }
    }

    private void begin(Request request, ByteBuffer rest) {
        var texts = new Texts(rules.text());
        switch (request.purpose()) {
            case SOCKET -> {
                var compression = request.isDeflating() ? deflate : null;
                next = new SocketCodec(conversation, request, compression, rest.hasRemaining());
                rest.position(rest.limit());
                conversation.join(firstMessage(request), new FrameEncoding(texts, compression));
            }
            case EVENTS -> {
                next = new EventsCodec(conversation, allowed);
                conversation.join(firstMessage(request), new EventEncoding(texts));
            }
            case PUBLISH -> {
                next = new PublishCodec(conversation, request, allowed);
                conversation.join(firstMessage(request), new NoEncoding());
            }
            case PREFLIGHT -> {
                rest.position(rest.limit());
                conversation.send(Http.answer(204, PREFLIGHT + allowed + "Connection: close\r\n", ""));
                conversation.end(Reason.PEER_CLOSED, "");
            }
        }
    }

    /** {@return what a client of TCP would send to join the group, so that all policies understand it} */
    private ByteBuffer firstMessage(Request request) {
        var token = rules.sendsToken() ? request.token().orElse("") + ":" : "";
        return StandardCharsets.UTF_8.encode(rules.prefix() + token + request.group() + "\n");
    }

    @Override
    public void joined() {
        isJoined = true;
        allowed = ""; // a member does not keep what its request said
        next.joined();
    }

    @Override
    public void ended() {
        next.ended();
    }

    @Override
    public void probe() {
        next.probe();
    }

    @Override
    public void goodbye(Reason reason) {
        if (isJoined) {
            next.goodbye(reason);
        } else {
            conversation.send(Http.answer(Refusal.of(reason), allowed, true));
        }
    }

    @Override
    public void close() {
        if (next != null) {
            next.close();
        }
    }
}
