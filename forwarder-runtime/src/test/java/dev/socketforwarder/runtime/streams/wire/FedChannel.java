package dev.socketforwarder.runtime.streams.wire;

import java.io.ByteArrayOutputStream;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;

/**
 * A socket without a network. Reads bring what the test feeds, in the same pieces, and writes are kept for the test.
 */
final class FedChannel extends SocketChannel {
    private final Deque<ByteBuffer> pieces = new ArrayDeque<>();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean ended;

    FedChannel() {
        super(SelectorProvider.provider());
    }

    void feed(ByteBuffer piece) {
        if (piece.hasRemaining()) {
            pieces.add(piece);
        }
    }

    /** Let the peer's FIN come after what was fed. */
    void end() {
        ended = true;
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    @Override
    public int read(ByteBuffer into) {
        var piece = pieces.peek();
        if (piece == null) {
            return ended ? -1 : 0;
        }
        int n = Math.min(piece.remaining(), into.remaining());
        into.put(piece.slice(piece.position(), n));
        piece.position(piece.position() + n);
        if (!piece.hasRemaining()) {
            pieces.remove();
        }
        return n;
    }

    /** {@return what was written since the last call} */
    ByteBuffer taken() {
        var all = ByteBuffer.wrap(written.toByteArray());
        written.reset();
        return all;
    }

    @Override
    public int write(ByteBuffer from) {
        var bytes = new byte[from.remaining()];
        from.get(bytes);
        written.writeBytes(bytes);
        return bytes.length;
    }

    @Override
    public long read(ByteBuffer[] into, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) {
        throw new UnsupportedOperationException();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel shutdownInput() {
        return this;
    }

    @Override
    public SocketChannel shutdownOutput() {
        return this;
    }

    @Override
    public Socket socket() {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        throw new UnsupportedOperationException();
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return null;
    }

    @Override
    public SocketAddress getLocalAddress() {
        return null;
    }

    @Override
    protected void implCloseSelectableChannel() {}

    @Override
    protected void implConfigureBlocking(boolean block) {}
}
