package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.runtime.testing.NetstringCodec;
import dev.socketforwarder.testkit.CodecContract;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.StreamClient;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Runs the contract of codecs with the streams of the runtime, which must keep the promises of the kit's own. */
class CodecContractTest extends CodecContract {
    private final NetstringCodec.Record record = new NetstringCodec.Record();
    private final Transport transport = StreamingContext.with(new ListeningTransport(record::codec), true);

    @Override
    protected Transport transport() {
        return transport;
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("host-address", List.of("127.0.0.1"), "port", 0);
    }

    private static byte[] frame(char kind, byte[] content) {
        var framed = new ByteArrayOutputStream();
        framed.writeBytes((kind + "" + content.length + ":").getBytes(StandardCharsets.US_ASCII));
        framed.writeBytes(content);
        framed.write(',');
        return framed.toByteArray();
    }

    @Override
    protected byte[] joining(String group) {
        return frame('J', ScriptedContext.firstMessage(group).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected void readAnswer(StreamClient client) throws IOException {
        var answer = new String(client.receive(4), StandardCharsets.US_ASCII);
        if (!answer.equals("+0:,")) {
            throw new IOException("not the answer: " + answer);
        }
    }

    @Override
    protected byte[] encoded(byte[] message) {
        return frame('B', message);
    }

    @Override
    protected byte[] readMessage(StreamClient client) throws IOException {
        client.receive(1);
        var length = new StringBuilder();
        for (var next = client.receive(1); next.length == 1 && next[0] != ':'; next = client.receive(1)) {
            length.append((char) next[0]);
        }
        int bytes = Integer.parseInt(length.toString());
        var message = bytes == 0 ? new byte[0] : client.receive(bytes);
        client.receive(1);
        return message;
    }

    @Override
    protected byte[] nonsense() {
        return "nonsense".getBytes(StandardCharsets.US_ASCII);
    }
}
