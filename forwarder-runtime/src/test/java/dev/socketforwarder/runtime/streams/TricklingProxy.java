package dev.socketforwarder.runtime.streams;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Takes one connection, and passes its bytes on to a server, each byte in a segment of its own. */
final class TricklingProxy implements AutoCloseable {
    private final ServerSocket listener;
    private final Socket toServer;

    TricklingProxy(InetSocketAddress server) throws IOException {
        listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        toServer = new TestClient(server, 0).socket;
        TestClient.later(() -> {
            try (var client = listener.accept()) {
                client.setTcpNoDelay(true);
                TestClient.later(() -> pass(toServer.getInputStream(), client.getOutputStream(), 1_000));
                return pass(client.getInputStream(), toServer.getOutputStream(), 1);
            }
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private static Void pass(InputStream from, OutputStream to, int pieces) throws IOException {
        var bytes = new byte[pieces];
        for (int n = from.read(bytes); n > 0; n = from.read(bytes)) {
            to.write(bytes, 0, n);
            Thread.yield(); // gives the server a chance to read this byte alone
        }
        return null;
    }

    @Override
    public void close() throws IOException {
        listener.close();
        toServer.close();
    }
}
