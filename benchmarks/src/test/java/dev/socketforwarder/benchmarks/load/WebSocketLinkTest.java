package dev.socketforwarder.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class WebSocketLinkTest {
    private static final String UPGRADED = "HTTP/1.1 101 Switching Protocols\r\n\r\n";

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final SocketChannel channel = SocketChannel.open(listener.getLocalSocketAddress());
    private final Socket server = listener.accept();
    private final ByteBuffer read = ByteBuffer.allocate(256 * 1024);

    WebSocketLinkTest() throws IOException {}

    @AfterEach
    void close() throws IOException {
        channel.close();
        server.close();
        listener.close();
    }

    private WebSocketLink link(Protocol protocol, String answer) throws IOException {
        server.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        var access = new Access((InetSocketAddress) listener.getLocalSocketAddress(), protocol, true);
        var link = WebSocketLink.connect(channel, access, "g", new Patience("an answer", Duration.ofSeconds(10)));
        channel.configureBlocking(false);
        return link;
    }

    private String readUntil(WebSocketLink link, String end) throws IOException {
        while (!text().endsWith(end)) {
            assertThat(link.read(read)).isNotNegative();
        }
        return text();
    }

    private String text() {
        return StandardCharsets.US_ASCII.decode(read.duplicate().flip()).toString();
    }

    @Test
    void eachFrameIsALineHoweverTheBytesAreCut() throws IOException {
        var link = link(Protocol.PATHS, UPGRADED);
        var large = "y".repeat(1_000);
        var frames = new ByteArrayOutputStream();
        frames.writeBytes(new byte[] {(byte) 0x82, 2, 'a', 'b'});
        frames.writeBytes(new byte[] {(byte) 0x89, 1, 'p'});
        frames.writeBytes(new byte[] {(byte) 0x81, 126, (byte) (1_000 >> 8), (byte) 1_000});
        frames.writeBytes(Protocol.bytes(large));
        server.setTcpNoDelay(true);
        for (byte each : frames.toByteArray()) {
            server.getOutputStream().write(each);
            link.read(read);
        }

        assertThat(readUntil(link, "y\n")).isEqualTo("ab\n" + large + "\n");
    }

    @Test
    void linesAreSentAsMaskedFrames() throws IOException {
        var link = link(Protocol.PATHS, UPGRADED);
        var large = "z".repeat(300);
        assertThat(link.write(ByteBuffer.wrap(Protocol.bytes("ab\n" + large + "\n"))))
                .isTrue();

        var in = new DataInputStream(server.getInputStream());
        skipRequest(in);
        assertThat(frame(in)).isEqualTo("ab");
        assertThat(frame(in)).isEqualTo(large);
    }

    private static void skipRequest(DataInputStream in) throws IOException {
        var request = new StringBuilder();
        while (request.indexOf("\r\n\r\n") < 0) {
            request.append((char) in.readUnsignedByte());
        }
        assertThat(request.toString()).startsWith("GET /groups/g HTTP/1.1\r\n");
    }

    private static String frame(DataInputStream in) throws IOException {
        assertThat(in.readUnsignedByte()).isEqualTo(0x82);
        int length = in.readUnsignedByte() & 0x7f;
        length = length == 126 ? in.readUnsignedShort() : length;
        var mask = in.readNBytes(4);
        var bytes = in.readNBytes(length);
        for (int i = 0; i < length; i++) {
            bytes[i] ^= mask[i % 4];
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    @Test
    void withoutLinesTheBoundsOfFramesMeanNothing() throws IOException {
        var link = link(Protocol.NATS, UPGRADED + "\u0082\u0003MSG");
        server.getOutputStream().write(new byte[] {(byte) 0x82, 2, ' ', 'g'});

        assertThat(readUntil(link, "g")).isEqualTo("MSG g");
    }

    @Test
    void aCloseEndsTheStream() throws IOException {
        var link = link(Protocol.PATHS, UPGRADED);
        server.getOutputStream().write(new byte[] {(byte) 0x88, 2, 3, (byte) 0xe8});
        int n = 0;
        while (n == 0) {
            n = link.read(read);
        }

        assertThat(n).isEqualTo(-1);
    }

    @Test
    void aRefusalIsTold() {
        assertThatThrownBy(() -> link(Protocol.PATHS, "HTTP/1.1 403 Forbidden\r\n\r\n"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("403 Forbidden");
    }
}
