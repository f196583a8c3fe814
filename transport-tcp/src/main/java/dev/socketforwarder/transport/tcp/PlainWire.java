package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The socket itself. */
final class PlainWire implements Wire {
    private final SocketChannel socket;

    PlainWire(SocketChannel socket) {
        this.socket = socket;
    }

    @Override
    public SocketChannel socket() {
        return socket;
    }

    @Override
    public void moveTo(EventLoop loop) {}

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
        return true;
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
