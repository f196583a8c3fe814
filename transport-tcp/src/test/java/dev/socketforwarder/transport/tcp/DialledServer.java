package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.kit.HostPort;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A server that a forwarder connects to, always on the same port. It may go down and come up again. */
final class DialledServer implements AutoCloseable {
    /** One that no connection on this machine leaves from: the port stays free while the server is down. */
    private static final InetAddress APART = InetAddress.ofLiteral("127.0.0.77");

    private final InetSocketAddress address;
    private final List<TestClient> accepted = new ArrayList<>();
    private ServerSocket listener;

    DialledServer() throws IOException {
        listener = new ServerSocket(0, 50, APART);
        address = (InetSocketAddress) listener.getLocalSocketAddress();
    }

    InetSocketAddress address() {
        return address;
    }

    /** {@return the settings that make it a member of group {@code g}, which is sent this first} */
    Map<String, Object> settings(String send) {
        return Map.of("connect", List.of(Map.of("group", "g", "to", HostPort.text(address), "send", send)));
    }

    /** Wait for the next connection. */
    TestClient accept() throws IOException {
        listener.setSoTimeout((int) TestServer.LIMIT.toMillis());
        var client = new TestClient(listener.accept());
        accepted.add(client);
        return client;
    }

    /** Listen no more, and end all connections. */
    void goDown() throws IOException {
        listener.close();
        for (var client : accepted) {
            client.close();
        }
        accepted.clear();
    }

    void comeUp() throws IOException {
        comeUp(50);
    }

    void comeUp(int backlog) throws IOException {
        listener = new ServerSocket(address.getPort(), backlog, address.getAddress());
    }

    @Override
    public void close() throws IOException {
        goDown();
    }
}
