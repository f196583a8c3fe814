package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Plays one client before the endpoint has clients: Java loads some 400 classes for that, and the first client need not wait. */
final class Rehearsal {
    private static final String REQUEST = """
            GET /groups/rehearsal HTTP/1.1\r
            Host: localhost\r
            Connection: Upgrade\r
            Upgrade: websocket\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r
            Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
            \r
            """;
    /** The text "a", masked. */
    private static final byte[] FRAME = {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'a'};

    private Rehearsal() {}

    /** Begin on a thread of its own, since the start need not wait either. */
    static void begin(String endpoint, WebSocketSettings rules, Deflate deflate) {
        Thread.ofPlatform().daemon().name(endpoint + "-rehearsal").start(() -> run(rules, deflate));
    }

    static void run(WebSocketSettings rules, Deflate deflate) {
        try (var frames = new Frames(new Audience(), FRAME.length, deflate, new NoMemory())) {
            var head = StandardCharsets.US_ASCII.encode(REQUEST);
            var request = Request.of(Http.request(head.slice(0, Http.endOfHead(head))), rules);
            SocketCodec.upgrade(request, true);
            frames.read(ByteBuffer.wrap(FRAME));
        } catch (Refusal | Violation e) {
            throw new IllegalStateException("the rehearsal of a WebSocket client fails: " + e.getMessage(), e);
        }
    }

    private static final class Audience implements Frames.Listener {
        @Override
        public void message(boolean isText, ByteBuffer bytes) {}

        @Override
        public void ping(ByteBuffer payload) {}

        @Override
        public void closed(int code) {}
    }

    private static final class NoMemory implements Memory {
        @Override
        public ByteBuffer acquire(int bytes) {
            throw new IllegalStateException("a whole message needs no memory");
        }

        @Override
        public void release(ByteBuffer buffer) {}
    }
}
