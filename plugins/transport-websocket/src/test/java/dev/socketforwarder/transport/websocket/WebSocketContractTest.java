package dev.socketforwarder.transport.websocket;

import static dev.socketforwarder.transport.websocket.Wire.BINARY;
import static dev.socketforwarder.transport.websocket.Wire.FIN;
import static dev.socketforwarder.transport.websocket.Wire.frame;
import static dev.socketforwarder.transport.websocket.Wire.hex;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.CodecContract;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.StreamClient;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** Runs what the API promises of every transport with codecs. */
class WebSocketContractTest extends CodecContract {
    private static final String REQUEST = "GET /groups/%s HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
            + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    @Override
    protected Transport transport() {
        return new WebSocketTransport();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of(
                "port",
                0,
                "host-address",
                "127.0.0.1",
                "new-client-prefix",
                ScriptedContext.firstMessage("").replace("\n", ""));
    }

    @Override
    protected byte[] joining(String group) {
        return Wire.utf8(REQUEST.formatted(group));
    }

    @Override
    protected void readAnswer(StreamClient client) throws IOException {
        var head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) receive(client, 1).get());
        }
        if (!head.toString().startsWith("HTTP/1.1 101 ")) {
            throw new IOException("no upgrade: " + head);
        }
    }

    @Override
    protected byte[] encoded(byte[] message) {
        return frame(FIN | BINARY, message);
    }

    @Override
    protected byte[] readMessage(StreamClient client) throws IOException {
        while (true) {
            var header = receive(client, 2);
            int first = header.get() & 0xff;
            int form = header.get();
            int length = switch (form) {
                case 126 -> receive(client, 2).getShort() & 0xffff;
                case 127 -> (int) receive(client, 8).getLong();
                default -> form;
            };
            var message = Wire.bytes(receive(client, length));
            if (first == (FIN | BINARY)) {
                return message;
            }
        }
    }

    private static ByteBuffer receive(StreamClient client, int count) throws IOException {
        var bytes = count == 0 ? new byte[0] : client.receive(count);
        if (bytes.length < count) {
            throw new EOFException("the stream has ended");
        }
        return ByteBuffer.wrap(bytes);
    }

    @Override
    protected byte[] nonsense() {
        return hex("8100");
    }
}
