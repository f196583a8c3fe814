package dev.socketforwarder.runtime.streams.wire;

import dev.socketforwarder.api.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A connection with TLS over a socket. Parts of a record or of its text that are left between two calls are in buffers
 * of {@link TlsBuffers}, which are given back as soon as they are empty.
 */
public final class TlsWire implements Wire {

    /** Up to this many of the first discarded bytes are taken for a close_notify, which carries no data. */
    private static final long GOODBYE = 64;

    /** What the next step of a handshake waits for. */
    public enum Step {
        READ,
        WRITE,
        /** The engine's tasks are to be run by {@link #runTasks}. */
        TASKS,
        DONE
    }

    /** The peer does not speak TLS. */
    public static final class NotTls extends SSLException {
        private static final long serialVersionUID = 1L;

        private final transient ByteBuffer received;

        NotTls(ByteBuffer received) {
            super("the first byte begins no TLS handshake");
            this.received = received;
        }

        /** {@return what the peer has sent instead} Valid until the next read. */
        public ByteBuffer received() {
            return received;
        }
    }

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final TlsOutput output;
    private final TlsInput input;
    private boolean busy; // tasks run on another thread, and the engine would make us wait for them
    private boolean negotiated;
    private long discarded;

    /**
     * Make the wire of a connection that has not joined. {@code onEvicted} runs on any thread when the wire's bytes are
     * dropped to make room.
     */
    public TlsWire(SocketChannel socket, SSLEngine engine, TlsBuffers buffers, TlsScratch scratch, Runnable onEvicted) {
        this.socket = socket;
        this.engine = engine;
        this.output = new TlsOutput(socket, engine, buffers, scratch, onEvicted, System::nanoTime);
        this.input = new TlsInput(socket, engine, buffers, scratch, output, onEvicted);
    }

    @Override
    public Optional<String> tls() {
        return Optional.of(engine.getSession().getProtocol());
    }

    @Override
    public SocketChannel socket() {
        return socket;
    }

    @Override
    public void join(Supplier<TlsScratch> scratch, TlsBuffers buffers, Runnable onEvicted) throws IOException {
        output.use(scratch.get(), buffers, onEvicted);
        input.use(scratch.get(), buffers, onEvicted);
    }

    @Override
    public OptionalLong unfinishedSinceNs() {
        return input.unfinishedSinceNs();
    }

    /**
     * Go on with the handshake as far as possible.
     *
     * @throws EOFException if the peer has ended its side
     * @throws SSLException if the handshake fails
     */
    public Step negotiate() throws IOException {
        busy = false;
        if (!negotiated) {
            negotiated = true;
            engine.beginHandshake();
        }
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_TASK -> {
                    busy = true;
                    return Step.TASKS;
                }
                case NEED_WRAP -> {
                    if (!output.answer()) {
                        return Step.WRITE;
                    }
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (!input.negotiate()) {
                        return Step.READ;
                    }
                }
                case NOT_HANDSHAKING, FINISHED -> {
                    return output.push() ? Step.DONE : Step.WRITE;
                }
            }
        }
    }

    /** Run the engine's tasks, which take long. On another thread, while nothing else uses this wire. */
    public void runTasks() {
        for (var task = engine.getDelegatedTask(); task != null; task = engine.getDelegatedTask()) {
            task.run();
        }
    }

    /** {@return whether the peer has sent anything} */
    public boolean hasBegun() {
        return input.hasBegun();
    }

    /** {@return the peer's verified certificates; none if the peer showed none} */
    public List<X509Certificate> certificates() {
        try {
            return Arrays.stream(engine.getSession().getPeerCertificates())
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (SSLPeerUnverifiedException _) {
            return List.of();
        }
    }

    @Override
    public int read(ByteBuffer into) throws IOException {
        return input.read(into);
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        return (int) write(new ByteBuffer[] {source}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        return output.write(sources, offset, length);
    }

    @Override
    public boolean flush() throws IOException {
        if (!output.push()) {
            return false;
        }
        input.unblock();
        return output.push();
    }

    @Override
    public boolean isFlushed() {
        return output.pendingBytes() == 0;
    }

    @Override
    public int unsent() {
        return output.pendingBytes();
    }

    @Override
    public boolean hasMore() {
        return input.hasMore();
    }

    @Override
    public boolean isReadBlocked() {
        return input.isBlocked();
    }

    /** Counts bytes of records. */
    @Override
    public int discard(ByteBuffer scratch) throws IOException {
        int n = socket.read(scratch);
        if (n <= 0) {
            return n;
        }
        long before = discarded;
        discarded += n;
        return (int) (Math.max(discarded, GOODBYE) - Math.max(before, GOODBYE));
    }

    @Override
    public boolean outlivesInput() {
        // A server is gone when it ends its side. With TLS 1.2 the end of one direction ends the other too (RFC 5246,
        // 7.2.1), but not with TLS 1.3 (RFC 8446, 6.1).
        return !engine.getUseClientMode() && !engine.getSession().getProtocol().equals("TLSv1.2");
    }

    @Override
    public boolean finish() throws IOException {
        if (!output.sayEnd()) {
            return false;
        }
        socket.shutdownOutput();
        return true;
    }

    @Override
    public Reason reason(IOException e) {
        return switch (e) {
            case TlsBuffers.Exhausted _ -> Reason.TLS_BUFFERS_FULL;
            case SSLException _ -> Reason.TLS_FAILED;
            default -> Reason.PEER_RESET;
        };
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        try {
            if (socket.isOpen() && negotiated && !busy) {
                output.sayEnd();
                // Unread input would make the kernel reset the connection, and the peer would not learn of the end.
                input.discard();
            }
        } catch (IOException | RuntimeException _) {
            // The connection ends anyway.
        } finally {
            output.close();
            input.close();
            socket.close();
        }
    }
}
