package dev.socketforwarder.tests;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A client of a NATS server that is no forwarder, and publishes whatever it likes. It speaks the protocol of NATS by itself. */
final class NatsStranger implements AutoCloseable {
    private final TcpClient socket;

    NatsStranger(NatsServer server) {
        socket = TcpClient.connect(new InetSocketAddress("127.0.0.1", server.port()));
        socket.send("CONNECT {\"verbose\":false,\"headers\":true}\r\n");
    }

    NatsStranger publish(String subject, byte[] body) {
        socket.send("PUB " + subject + " " + body.length + "\r\n").send(body).send("\r\n");
        return this;
    }

    /** Publish with headers, which no forwarder sends. */
    NatsStranger publishWithHeaders(String subject, byte[] body) {
        var headers = "NATS/1.0\r\nSf-V: 1\r\n\r\n";
        socket.send("HPUB " + subject + " " + headers.length() + " " + (headers.length() + body.length) + "\r\n")
                .send(headers)
                .send(body)
                .send("\r\n");
        return this;
    }

    /** Wait until the server has taken all that was published. */
    void awaitTaken() {
        socket.send("PING\r\n");
        var answer = new StringBuilder();
        while (answer.indexOf("PONG\r\n") < 0) {
            answer.append((char) socket.receive(1)[0]);
        }
        if (answer.indexOf("-ERR") >= 0) {
            throw new AssertionError(answer);
        }
    }

    /**
     * {@return a NATS message as a forwarder sends it, see the README of the plugin}
     *
     * @param framing its text
     * @param first the number of the first message
     * @param count how many messages the envelope promises
     * @param nodes the forwarders that passed the messages on, at least one
     */
    static byte[] message(String framing, long first, int count, String body, long... nodes) {
        var made = new ByteArrayOutputStream();
        made.writeBytes(new byte[] {'S', 'F', 1, 0});
        made.writeBytes(ByteBuffer.allocate(18)
                .putInt(1)
                .putLong(first)
                .putInt(count)
                .put((byte) nodes.length)
                .put((byte) framing.length())
                .array());
        for (long node : nodes) {
            made.writeBytes(ByteBuffer.allocate(8).putLong(node).array());
        }
        made.writeBytes(framing.getBytes(StandardCharsets.US_ASCII));
        made.writeBytes(body.getBytes(StandardCharsets.US_ASCII));
        return made.toByteArray();
    }

    @Override
    public void close() {
        socket.close();
    }
}
