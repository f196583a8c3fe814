package dev.socketforwarder.runtime.streams.wire;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import java.util.function.Supplier;
import jdk.net.ExtendedSocketOptions;

/** A connection without TLS: the bytes of the socket itself. */
public final class PlainWire implements Wire {
    private static final int KEEPALIVE_IDLE_S = 60;
    private static final int KEEPALIVE_INTERVAL_S = 10;
    private static final int KEEPALIVE_PROBES = 6;

    private final SocketChannel socket;
    private final boolean isOfClient;

    private PlainWire(SocketChannel socket, boolean isOfClient) {
        this.socket = socket;
        this.isOfClient = isOfClient;
    }

    /** Make the wire of a connection that a client opened. */
    public static PlainWire ofClient(SocketChannel socket, int sendBuffer) throws IOException {
        return of(socket, true, sendBuffer);
    }

    /** Make the wire of a connection to a server. A server that ends its side is gone. */
    public static PlainWire ofServer(SocketChannel socket, int sendBuffer) throws IOException {
        return of(socket, false, sendBuffer);
    }

    /**
     * Set the options that every connection has. If that fails, the socket is closed.
     *
     * @param sendBuffer how many written bytes the kernel is asked to buffer; 0: the kernel decides
     */
    private static PlainWire of(SocketChannel socket, boolean isOfClient, int sendBuffer) throws IOException {
        try {
            socket.configureBlocking(false);
            if (socket.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                socket.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
                // RFC 6093: urgent data is part of the stream. Only the socket adapter has this option, not the
                // channel.
                socket.socket().setOOBInline(true);
            }
            if (sendBuffer > 0) {
                socket.setOption(StandardSocketOptions.SO_SNDBUF, sendBuffer);
            }
            if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                socket.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, KEEPALIVE_INTERVAL_S);
                socket.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, KEEPALIVE_PROBES);
            }
            return new PlainWire(socket, isOfClient);
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }

    @Override
    public SocketChannel socket() {
        return socket;
    }

    @Override
    public void join(Supplier<TlsScratch> scratch, TlsBuffers buffers, Runnable onEvicted) {}

    @Override
    public OptionalLong unfinishedSinceNs() {
        return OptionalLong.empty();
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return socket.read(into);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return socket.write(source);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return socket.write(sources, offset, length);
    }

    @Override
    public boolean hasMore() {
        return false;
    }

    @Override
    public boolean isReadBlocked() {
        return false;
    }

    @Override
    public boolean isFlushed() {
        return true;
    }

    @Override
    public boolean flush() {
        return true;
    }

    @Override
    public boolean outlivesInput() {
        return isOfClient;
    }

    @Override
    public boolean finish() throws IOException {
        socket.shutdownOutput();
        return true;
    }

    @Override
    public int unsent() {
        return 0;
    }

    @Override
    public Reason reason(IOException e) {
        return Reason.PEER_RESET;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
