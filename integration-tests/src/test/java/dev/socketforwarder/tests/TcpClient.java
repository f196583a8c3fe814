package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** A plain TCP socket. Every read has a time limit, except for those of {@link #input}. */
final class TcpClient implements AutoCloseable {
    static final String PREFIX = "SOCKETFORWARDER-NEW:";

    private final Socket socket;
    private final InetSocketAddress local;
    private final InetSocketAddress remote;

    /** Take over a connected socket. */
    TcpClient(Socket socket) {
        this.socket = socket;
        this.local = (InetSocketAddress) socket.getLocalSocketAddress();
        this.remote = (InetSocketAddress) socket.getRemoteSocketAddress();
    }

    static TcpClient connect(InetSocketAddress to) {
        return connect(to, null, 0);
    }

    /** Connect from a given address; all of 127.0.0.0/8 is on this machine. */
    static TcpClient connectFrom(String source, InetSocketAddress to) {
        return connect(to, new InetSocketAddress(source, 0), 0);
    }

    static TcpClient connectFrom(InetSocketAddress source, InetSocketAddress to) {
        return connect(to, source, 0);
    }

    /** Connect with a small receive buffer, so that unread bytes soon pile up at the sender. */
    static TcpClient connectSmall(InetSocketAddress to) {
        return connect(to, null, 4_096);
    }

    private static TcpClient connect(InetSocketAddress to, InetSocketAddress from, int receiveBuffer) {
        var socket = new Socket();
        try {
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            if (from != null) {
                socket.setReuseAddress(true);
                socket.bind(from);
            }
            socket.setTcpNoDelay(true);
            socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
            socket.connect(to, (int) Forwarder.LIMIT.toMillis());
            return new TcpClient(socket);
        } catch (IOException e) {
            try {
                socket.close();
            } catch (IOException f) {
                e.addSuppressed(f);
            }
            throw new UncheckedIOException(e);
        }
    }

    /** Connect through TLS, with these versions if any are named. */
    static TcpClient connectSecurely(InetSocketAddress to, SSLContext context, String... protocols) {
        return connect(to).secured(context, protocols);
    }

    /** Connect through TLS with a small receive buffer. */
    static TcpClient connectSmallSecurely(InetSocketAddress to, SSLContext context) {
        return connectSmall(to).secured(context);
    }

    /** Continue with TLS. */
    TcpClient secured(SSLContext context, String... protocols) {
        try {
            var factory = context.getSocketFactory();
            var secure = (SSLSocket) factory.createSocket(socket, remote.getHostString(), remote.getPort(), true);
            if (protocols.length > 0) {
                secure.setEnabledProtocols(protocols);
            }
            secure.startHandshake();
            return new TcpClient(secure);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the negotiated TLS session} */
    SSLSession session() {
        return ((SSLSocket) socket).getSession();
    }

    /** Send the first message, with a line feed. */
    TcpClient join(String group) {
        return send(PREFIX + group + "\n");
    }

    TcpClient send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    TcpClient send(byte[] bytes) {
        return send(bytes, 0, bytes.length);
    }

    TcpClient send(byte[] bytes, int offset, int length) {
        try {
            socket.getOutputStream().write(bytes, offset, length);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Send one byte as TCP urgent data. */
    void sendUrgent(int value) {
        try {
            socket.sendUrgentData(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Send bytes so that the forwarder reads each by itself. */
    void sendOneByOne(byte[] bytes) {
        for (int i = 0; i < bytes.length; i++) {
            send(bytes, i, 1);
            awaitRead();
        }
    }

    /** Wait until the forwarder has read all that was sent. */
    void awaitRead() {
        KernelQueues.awaitRead(local, remote);
    }

    /** {@return what it receives, for a thread that waits without limit} */
    InputStream input() {
        try {
            socket.setSoTimeout(0);
            return socket.getInputStream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return up to {@code buffer.length} bytes read, or -1 at the end} */
    int receive(byte[] buffer) {
        try {
            return socket.getInputStream().read(buffer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return exactly {@code count} bytes} */
    byte[] receive(int count) {
        try {
            var bytes = socket.getInputStream().readNBytes(count);
            if (bytes.length < count) {
                throw new EOFException("after " + bytes.length + " of " + count + " bytes: "
                        + new String(bytes, StandardCharsets.UTF_8));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Assert that exactly this comes next. */
    TcpClient expect(String text) {
        assertThat(new String(receive(text.getBytes(StandardCharsets.UTF_8).length), StandardCharsets.UTF_8))
                .isEqualTo(text);
        return this;
    }

    /** {@return all up to the end of the stream} */
    byte[] receiveAll() {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Assert that nothing comes before the orderly end of the stream. */
    void expectEnd() {
        assertThat(new String(receiveAll(), StandardCharsets.UTF_8)).isEmpty();
    }

    /** Assert that the forwarder closes the connection, in an orderly way or by a reset, without sending anything. */
    void expectClosed() {
        try {
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Read everything until the forwarder closes the connection, in an orderly way or by a reset. */
    void awaitClosed() {
        try {
            socket.getInputStream().readAllBytes();
        } catch (SocketException e) {
            assertThat(e).hasMessageContaining("reset");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return how long that took} */
    Duration timeUntilClosed() {
        long begin = System.nanoTime();
        expectClosed();
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Send FIN; receiving goes on. */
    TcpClient finish() {
        try {
            socket.shutdownOutput();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Close before the end of the test; that sends FIN if everything was read. */
    void leave() {
        close();
    }

    /** Send RST. */
    void reset() {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress local() {
        return local;
    }

    InetSocketAddress remote() {
        return remote;
    }

    /** {@return its address as the forwarder logs it} */
    String shown() {
        return Ipv6.shown(local.getAddress(), local.getPort());
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
