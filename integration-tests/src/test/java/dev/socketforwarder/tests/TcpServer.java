package dev.socketforwarder.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;

/** A server that a forwarder connects to, always on the same port. It may go down and come up again. */
final class TcpServer implements AutoCloseable {
    /** No connection on this machine leaves from this address, so the port stays free while the server is down. */
    static final String APART = "127.0.0.77";

    private final InetSocketAddress address;
    private final List<TcpClient> accepted = new ArrayList<>();
    private ServerSocket listener;

    private TcpServer(InetSocketAddress at) {
        listener = listen(at);
        address = (InetSocketAddress) listener.getLocalSocketAddress();
    }

    static TcpServer start() {
        return startAt(APART, 0);
    }

    /** Start it at a given address; port 0 means any. */
    static TcpServer startAt(String host, int port) {
        return new TcpServer(new InetSocketAddress(InetAddress.ofLiteral(host), port));
    }

    private static ServerSocket listen(InetSocketAddress at) {
        try {
            var listener = new ServerSocket(at.getPort(), 50, at.getAddress());
            listener.setSoTimeout((int) Forwarder.LIMIT.toMillis());
            return listener;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return address.getPort();
    }

    /** {@return host and port in the configuration's form} */
    String to() {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /** Wait for the next connection. */
    TcpClient accept() {
        try {
            var socket = listener.accept();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
            var client = new TcpClient(socket);
            accepted.add(client);
            return client;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stop listening, and end all connections. */
    void goDown() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        accepted.forEach(TcpClient::close);
        accepted.clear();
    }

    void comeUp() {
        listener = listen(address);
    }

    @Override
    public void close() {
        goDown();
    }
}
