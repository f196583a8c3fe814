package dev.socketforwarder.runtime.control;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.control.ControlClient.NoAnswerException;
import dev.socketforwarder.runtime.monitor.Request;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ControlClientTest {
    private static final Request REQUEST = new Request("GET", "tap", Map.of("group", "g"));

    private Path path;
    private ControlClient client;

    @BeforeEach
    void find(@TempDir Path folder) {
        path = folder.resolve("control.sock");
        client = new ControlClient(path, Duration.ofSeconds(1));
    }

    private ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
    }

    /** A server that answers each connection with these lines, and ends it. */
    private ServerSocketChannel serve(boolean reads, String lines) throws IOException {
        var listener = listen();
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    try (var connection = listener.accept()) {
                        if (reads) {
                            ControlLine.request(Channels.newInputStream(connection));
                        }
                        connection.write(ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8)));
                    }
                }
            } catch (IOException _) {
                // The test is over.
            }
        });
        return listener;
    }

    private void assertBothSay(String message) {
        for (ThrowingCallable each :
                new ThrowingCallable[] {() -> client.ask(REQUEST), () -> client.stream(REQUEST, _ -> true)}) {
            assertThatThrownBy(each).isInstanceOf(NoAnswerException.class).hasMessageContaining(message);
        }
    }

    @Test
    void aSocketThatWasLeftIsTold() throws IOException {
        listen().close();

        assertBothSay("nobody listens at " + path + " any more");
    }

    @Test
    void withoutControlSocketsNobodyIsAsked() {
        var where = new ControlPath(ControlPath.OFF, "", Map.of());

        assertThatThrownBy(() -> ControlClient.find(where, Optional.empty()))
                .hasMessage("control-socket is off, so that no forwarder can be asked; set it to a path");
    }

    @Test
    void aPathWithoutASocketIsTold() throws IOException {
        assertBothSay("cannot talk to " + path);
        Files.createDirectory(path);
        assertBothSay("nobody listens at " + path);
    }

    @Test
    void aForwarderThatIsStoppedIsTold() throws IOException {
        try (var _ = listen()) {
            assertBothSay("has said nothing for 1 s");
        }
    }

    @Test
    void aForwarderThatDoesNotAnswerThisUserIsTold() throws IOException {
        try (var _ = serve(false, "")) {
            assertBothSay("gave no answer: it has ended, or belongs to another user");
        }
    }

    @Test
    void whatIsNoAnswerIsTold() throws IOException {
        try (var _ = serve(true, "hello\n")) {
            assertBothSay("cannot talk to " + path);
        }
    }

    @Test
    void anErrorIsTold() throws IOException {
        try (var _ = serve(true, "{\"error\":\"no such thing\"}\n")) {
            assertBothSay("no such thing");
        }
    }
}
