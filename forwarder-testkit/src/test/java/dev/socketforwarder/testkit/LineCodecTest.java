package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Transport;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Runs the contract with the codec that docs/PLUGINS.md shows. */
class LineCodecTest extends CodecContract {
    private static final Path PAGE = Path.of("../docs/PLUGINS.md");
    private static final Path HERE = Path.of("src/test/java/dev/socketforwarder/testkit");

    @Override
    protected Transport transport() {
        return new LineTransport();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of(
                "host-address",
                "127.0.0.1",
                "port",
                0,
                "new-client-prefix",
                ScriptedContext.firstMessage("").replace("\n", ""));
    }

    @Override
    protected byte[] joining(String group) {
        return bytes(group + "\n");
    }

    @Override
    protected void readAnswer(StreamClient client) {
        // A client that has joined gets no answer.
    }

    @Override
    protected byte[] encoded(byte[] message) {
        var line = Arrays.copyOf(message, message.length + 1);
        line[message.length] = '\n';
        return line;
    }

    @Override
    protected byte[] readMessage(StreamClient client) throws IOException {
        var line = new ByteArrayOutputStream();
        for (var next = client.receive(1); ; next = client.receive(1)) {
            if (next.length == 0) {
                throw new EOFException("the stream has ended");
            }
            if (next[0] == '\n') {
                return line.toByteArray();
            }
            line.writeBytes(next);
        }
    }

    @Override
    protected byte[] nonsense() {
        return bytes("\n");
    }

    /** No message is empty or contains a line feed. */
    @Override
    protected List<byte[]> messages() {
        return super.messages().stream()
                .filter(message -> message.length > 0)
                .map(LineCodecTest::onOneLine)
                .toList();
    }

    private static byte[] onOneLine(byte[] message) {
        var line = message.clone();
        for (int i = 0; i < line.length; i++) {
            line[i] = line[i] == '\n' ? (byte) ' ' : line[i];
        }
        return line;
    }

    @Test
    void thePageShowsThisCodec() throws IOException {
        var page = Files.readString(PAGE);
        var section = page.substring(page.indexOf("\n## A codec\n"), page.indexOf("\n## A member of your own\n"));
        var blocks = Pattern.compile("^```java\\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE)
                .matcher(section)
                .results()
                .map(block -> lines(block.group(1)))
                .toList();

        assertThat(blocks).hasSize(2);
        assertThat(lines(Files.readString(HERE.resolve("LineCodec.java")))).endsWith(blocks.getFirst());
        assertThat(lines(Files.readString(HERE.resolve("LineTransport.java")))).contains(blocks.getLast());
    }

    /** {@return the text without indents and empty lines} */
    private static String lines(String text) {
        return text.replaceAll("\\n\\s+", "\n").strip();
    }
}
