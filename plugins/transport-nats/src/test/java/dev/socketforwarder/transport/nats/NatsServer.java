package dev.socketforwarder.transport.nats;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real NATS server on a port of its own, if the machine has {@code nats-server}; otherwise the test is skipped. */
final class NatsServer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    final int port;
    private final List<String> options;
    private Process process;

    NatsServer(String... options) throws IOException {
        this.options = List.of(options);
        try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        start();
    }

    String url() {
        return "nats://127.0.0.1:" + port;
    }

    void start() throws IOException {
        var command = new ArrayList<>(List.of("nats-server", "-a", "127.0.0.1", "-p", Integer.toString(port)));
        command.addAll(options);
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException _) {
            Assumptions.abort("nats-server is not installed");
        }
        long endNs = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                connect().close();
                return;
            } catch (IOException e) {
                if (System.nanoTime() - endNs > 0 || !process.isAlive()) {
                    throw e;
                }
                Thread.onSpinWait();
            }
        }
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        if (socket.getInputStream().read() < 0) {
            socket.close();
            throw new IOException("the server has closed the connection");
        }
        return socket;
    }

    /** Publish as a stranger, and wait until the server has taken it. */
    void publish(String subject, byte[] body) throws IOException {
        try (var socket = connect()) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            var out = socket.getOutputStream();
            out.write(ascii("CONNECT {\"verbose\":false}\r\nPUB " + subject + " " + body.length + "\r\n"));
            out.write(body);
            out.write(ascii("\r\nPING\r\n"));
            var in = socket.getInputStream();
            var answer = new StringBuilder();
            while (answer.indexOf("PONG") < 0) {
                answer.append((char) in.read());
            }
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    void stop() {
        process.destroyForcibly();
        try {
            process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
