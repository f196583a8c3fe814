package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ServerSocketFactory;

/** A server that a forwarder dials, always on the same port. The server may go down and come up again. */
final class DialledServer implements AutoCloseable {
    /**
     * An address from which no connection on this machine leaves, so that the port stays free while the server is down.
     */
    private static final InetAddress APART = InetAddress.ofLiteral("127.0.0.77");

    private final InetSocketAddress address;
    private final List<TestClient> accepted = new ArrayList<>();
    private final ServerSocketFactory factory;
    private ServerSocket listener;

    DialledServer() throws IOException {
        this(ServerSocketFactory.getDefault());
    }

    DialledServer(ServerSocketFactory factory) throws IOException {
        this.factory = factory;
        listener = factory.createServerSocket(0, 50, APART);
        address = (InetSocketAddress) listener.getLocalSocketAddress();
    }

    InetSocketAddress address() {
        return address;
    }

    /** {@return the settings that make this server a member of group {@code g}, and greet it with {@code send}} */
    Map<String, Object> settings(String send) {
        return settings(Map.of("send", send));
    }

    /** {@return the settings that make this server a member of group {@code g}, with {@code more} settings} */
    Map<String, Object> settings(Map<String, Object> more) {
        var server = new HashMap<String, Object>(Map.of("group", "g", "to", AddressText.of(address)));
        server.putAll(more);
        return Map.of("connect", List.of(server));
    }

    /** Wait for the next connection. */
    TestClient accept() throws IOException {
        listener.setSoTimeout((int) TestServer.LIMIT.toMillis());
        var client = new TestClient(listener.accept());
        accepted.add(client);
        return client;
    }

    /** Stop listening, and end all connections. */
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
        listener = factory.createServerSocket(address.getPort(), backlog, address.getAddress());
    }

    @Override
    public void close() throws IOException {
        goDown();
    }
}
