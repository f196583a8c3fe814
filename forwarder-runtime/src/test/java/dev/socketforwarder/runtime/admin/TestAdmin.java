package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestMonitor;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/** An admin endpoint on the loopback, and requests to it as bytes. Every read has a time limit. */
final class TestAdmin implements AutoCloseable {
    static final String TOKEN = "0123456789abcdef";
    static final String WITH_TOKEN = "Authorization: Bearer " + TOKEN;

    private static final int LIMIT_MS = 20_000;

    private final TestMonitor monitor = new TestMonitor();
    private final AdminEndpoint server = new AdminEndpoint();

    private TestAdmin(String settings) throws IOException {
        var section = Fakes.yaml("admin: {port: 0" + settings + "}").topLevel().section("admin");
        server.start(
                AdminSettings.read(section),
                monitor.monitor,
                groups -> new Metrics(new ForwarderMetrics(monitor.subject, monitor.sampler, groups)),
                false);
    }

    static TestAdmin withToken() throws IOException {
        return withToken("");
    }

    /** Start with further keys of the section {@code admin}. */
    static TestAdmin withToken(String settings) throws IOException {
        var file = Files.writeString(Files.createTempFile("admin", "token"), TOKEN);
        try {
            return new TestAdmin(", token-file: '" + file + "'" + settings);
        } finally {
            Files.delete(file);
        }
    }

    static TestAdmin withoutToken() throws IOException {
        return new TestAdmin("");
    }

    boolean isDraining() {
        return monitor.drain.getCount() == 0;
    }

    /** {@return whether the process begins to drain, which it does after its reply} */
    boolean drains() throws InterruptedException {
        return monitor.drain.await(LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    /** Fill a page of members. */
    void join(int members) {
        var owner = new TestOwner();
        for (int i = 0; i < members; i++) {
            new TestMember("member " + i, owner).join(monitor.groups, "group");
        }
    }

    InetSocketAddress address() {
        return server.address();
    }

    Socket connect() throws IOException {
        var socket = new Socket();
        socket.setReceiveBufferSize(2_048);
        socket.setSoTimeout(LIMIT_MS);
        socket.connect(address(), LIMIT_MS);
        return socket;
    }

    /** {@return the whole reply to these bytes, with the end of the connection} */
    String raw(String request) throws IOException {
        try (var socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** {@return the whole reply; {@code request} is the method and the target} */
    String ask(String request, String... headers) throws IOException {
        return raw(head(request, headers) + "Content-Length: 0\r\n\r\n");
    }

    String post(String target, String body, String... headers) throws IOException {
        return raw(head("POST " + target, headers) + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    static String head(String request, String... headers) {
        var lines = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
        return request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines;
    }

    /** {@return the status of a reply} */
    static int status(String reply) {
        return Integer.parseInt(reply.split(" ")[1]);
    }

    @Override
    public void close() {
        server.close();
        monitor.close();
    }
}
