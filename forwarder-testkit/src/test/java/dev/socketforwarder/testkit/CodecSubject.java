package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.ScriptedStreamsTest.LoopbackTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The codec contract for a codec with a fault. {@link Mutants} runs its tests. */
final class CodecSubject extends CodecContract {
    private final FaultyCodec.Slip slip = (FaultyCodec.Slip) Mutants.current();
    private final Duration patience = Mutants.patience();

    @Override
    protected Transport transport() {
        return new LoopbackTransport(Optional.of(conversation -> new FaultyCodec(conversation, slip)));
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("port", 0);
    }

    @Override
    protected Duration patience() {
        return patience;
    }

    private static byte[] frame(char mark, byte[] content) {
        return ByteBuffer.allocate(FaultyCodec.HEADER + content.length)
                .put((byte) mark)
                .putInt(content.length)
                .put(content)
                .array();
    }

    @Override
    protected byte[] joining(String group) {
        return frame('J', ScriptedContext.firstMessage(group).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    protected void readAnswer(StreamClient client) throws IOException {
        var answer = new String(client.receive(FaultyCodec.WELCOME.length()), StandardCharsets.US_ASCII);
        if (!answer.equals(FaultyCodec.WELCOME)) {
            throw new IOException("no welcome: " + answer);
        }
    }

    @Override
    protected byte[] encoded(byte[] message) {
        return frame('M', message);
    }

    @Override
    protected byte[] readMessage(StreamClient client) throws IOException {
        var header = ByteBuffer.wrap(client.receive(FaultyCodec.HEADER));
        if (header.remaining() < FaultyCodec.HEADER) {
            throw new IOException("the stream has ended");
        }
        int length = header.getInt(1);
        return length == 0 ? new byte[0] : client.receive(length);
    }

    @Override
    protected byte[] nonsense() {
        return frame('?', new byte[0]);
    }
}
