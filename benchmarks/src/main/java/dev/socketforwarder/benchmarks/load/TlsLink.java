package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;

/** A TCP connection with TLS. What is read must have room for {@value #ROOM} bytes. */
final class TlsLink implements Link {
    private static final int ROOM = 64 * 1024;
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel channel;
    private final SSLEngine engine;
    private final ByteBuffer in = ByteBuffer.allocateDirect(ROOM);
    private final ByteBuffer out = ByteBuffer.allocateDirect(ROOM).limit(0);

    private TlsLink(SocketChannel channel, SSLContext context) {
        this.channel = channel;
        this.engine = context.createSSLEngine();
        engine.setUseClientMode(true);
    }

    /** {@return a connection whose handshake is done} */
    static TlsLink connect(SocketChannel channel, SSLContext context, Patience patience) throws IOException {
        var link = new TlsLink(channel, context);
        link.engine.beginHandshake();
        while (link.engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING || link.out.hasRemaining()) {
            link.shake();
            patience.pause();
        }
        return link;
    }

    private void shake() throws IOException {
        channel.write(out);
        switch (engine.getHandshakeStatus()) {
            case NEED_WRAP -> wrap(NOTHING);
            case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                if (read(ByteBuffer.allocate(ROOM)) < 0) {
                    throw new IOException("the server ended a TLS handshake");
                }
            }
            case NEED_TASK -> engine.getDelegatedTask().run();
            case FINISHED, NOT_HANDSHAKING -> {}
        }
    }

    @Override
    public SocketChannel channel() {
        return channel;
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        int start = into.position();
        int n = channel.read(in);
        in.flip();
        while (in.hasRemaining()) {
            var result = engine.unwrap(in, into);
            if (result.getStatus() == Status.CLOSED) {
                return -1;
            }
            if (result.getStatus() != Status.OK || result.getHandshakeStatus() == HandshakeStatus.NEED_TASK) {
                break;
            }
            if (result.bytesConsumed() == 0 && result.bytesProduced() == 0) {
                break; // the handshake has to write first
            }
        }
        in.compact();
        int produced = into.position() - start;
        return n < 0 && produced == 0 ? -1 : produced;
    }

    @Override
    public boolean write(ByteBuffer from) throws IOException {
        channel.write(out);
        while (from.hasRemaining() && !out.hasRemaining()) {
            wrap(from);
            channel.write(out);
        }
        return !from.hasRemaining() && !out.hasRemaining();
    }

    private void wrap(ByteBuffer from) throws IOException {
        out.clear();
        engine.wrap(from, out);
        out.flip();
    }
}
