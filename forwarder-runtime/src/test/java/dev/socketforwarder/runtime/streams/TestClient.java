package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A client socket whose reads have a time limit. */
public class TestClient implements AutoCloseable {
    public final Socket socket;

    public TestClient(InetSocketAddress server, int receiveBuffer) throws IOException {
        this(new Socket());
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(server, (int) TestServer.LIMIT.toMillis());
    }

    /** A socket that is connected, or will be. */
    public TestClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout((int) TestServer.LIMIT.toMillis());
    }

    public void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.UTF_8));
    }

    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** Send on a thread of its own, since the send may block. */
    public CompletableFuture<Void> sendLater(byte[] bytes) {
        return later(() -> {
            send(bytes);
            return null;
        });
    }

    /** Send until a send fails. */
    public CompletableFuture<Void> flood() {
        return later(() -> {
            try {
                while (true) {
                    send(new byte[100_000]);
                }
            } catch (IOException _) {
                return null;
            }
        });
    }

    public static <T> CompletableFuture<T> later(Callable<T> action) {
        var done = new CompletableFuture<T>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                done.complete(action.call());
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        });
        return done.orTimeout(20, TimeUnit.SECONDS);
    }

    public byte[] read(int n) throws IOException {
        var bytes = socket.getInputStream().readNBytes(n);
        assertThat(bytes.length).as("bytes until the end").isEqualTo(n);
        return bytes;
    }

    public String readText(int n) throws IOException {
        return new String(read(n), StandardCharsets.UTF_8);
    }

    /** Read exactly this text. */
    public void expect(String text) throws IOException {
        assertThat(readText(text.getBytes(StandardCharsets.UTF_8).length)).isEqualTo(text);
    }

    public byte[] readToEnd() throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    public void awaitEnd() throws IOException {
        assertThat(readToEnd()).isEmpty();
    }

    /** Wait until the forwarder has ended the connection, with an end of stream or a reset. */
    public void awaitClosed() {
        try {
            readToEnd();
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("reset");
        }
    }

    public void shutOutput() throws IOException {
        socket.shutdownOutput();
    }

    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
