package dev.socketforwarder.runtime.streams;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** The receiving half of a {@link TlsWire}: decrypts straight into the reader's buffer, as far as it has room. */
final class TlsInput {
    /** The most that one read takes from the socket in vain: records may have no text. */
    private static final int MOST_IN_VAIN = 64 * 1024;
    /** What a handshake may take of the peer's bytes: certificates are the most of it. */
    private static final int LONGEST_HANDSHAKE = 256 * 1024;

    private static final int HANDSHAKE_RECORD = 22;
    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;
    private final TlsBuffers buffers;
    private final TlsOutput output;
    private TlsScratch scratch;

    /** Encrypted bytes that are no whole record, or whose text had no room, ready to be added to; or null. */
    private ByteBuffer encrypted;
    /** Text that had no room, or null. */
    private ByteBuffer text;

    private boolean records; // there may be whole ones among the encrypted bytes
    private boolean again; // the last read stopped early
    private boolean blocked; // the peer waits for an answer of the engine that the kernel does not take
    private boolean ended; // by the peer's FIN
    private int handshakeBytes;

    TlsInput(SocketChannel socket, SSLEngine engine, TlsBuffers buffers, TlsScratch scratch, TlsOutput output) {
        this.socket = socket;
        this.engine = engine;
        this.buffers = buffers;
        this.scratch = scratch;
        this.output = output;
    }

    void use(TlsScratch ofLoop) {
        scratch = ofLoop;
    }

    /**
     * Take one record of the handshake.
     *
     * @return false if there is none yet
     */
    boolean negotiate() throws IOException {
        var source = encrypted == null ? scratch.in(TlsBuffers.RECORD) : encrypted;
        if (!records) {
            int n = socket.read(source);
            if (n < 0) {
                throw new EOFException();
            }
            if (n == 0) {
                return false;
            }
            if (handshakeBytes == 0 && source.get(0) != HANDSHAKE_RECORD) {
                throw new TlsWire.NotTls(source.flip());
            }
            handshakeBytes += n;
            if (handshakeBytes > LONGEST_HANDSHAKE) {
                throw new SSLException("it is too long");
            }
        }
        source.flip();
        switch (unwrap(source, NO_ROOM).getStatus()) {
            case OK -> records = source.hasRemaining();
            case BUFFER_UNDERFLOW -> records = false;
            case BUFFER_OVERFLOW -> throw new SSLException("data came too early");
            case CLOSED -> throw new SSLException("the peer gave it up");
        }
        keep(source);
        return true;
    }

    /** {@return whether the peer has begun to speak} */
    boolean hasBegun() {
        return handshakeBytes > 0;
    }

    int read(ByteBuffer into) throws IOException {
        int start = into.position();
        if (text != null) {
            takeText(into);
        } else {
            receive(into);
        }
        int n = into.position() - start;
        boolean atEnd = text == null && !records && (ended || engine.isInboundDone());
        again |= atEnd && n > 0;
        return atEnd && n == 0 ? -1 : n;
    }

    private void receive(ByteBuffer into) throws IOException {
        again = false;
        int start = into.position();
        int received = 0;
        while (into.position() == start && !blocked && !engine.isInboundDone()) {
            if (received >= MOST_IN_VAIN) {
                again = true;
                return;
            }
            var source = encrypted == null ? scratch.in(Math.max(into.remaining(), TlsBuffers.RECORD)) : encrypted;
            int n = records ? 1 : socket.read(source);
            ended |= n < 0;
            source.flip();
            decrypt(source, into);
            keep(source);
            if (n <= 0) {
                return;
            }
            received += n;
        }
    }

    private void decrypt(ByteBuffer source, ByteBuffer into) throws IOException {
        records = false;
        int start = into.position();
        while (source.hasRemaining()) {
            switch (unwrap(source, into).getStatus()) {
                case BUFFER_UNDERFLOW, CLOSED -> {
                    return;
                }
                case BUFFER_OVERFLOW -> {
                    // The engine asks for room as soon as it knows a record's length, before it has all of it.
                    records = (into.position() > start || decryptApart(source, into)) && source.hasRemaining();
                    return;
                }
                case OK -> {
                    if (!answer()) {
                        records = source.hasRemaining();
                        return;
                    }
                }
            }
        }
    }

    /**
     * Of a record that is larger than the reader's buffer, give as much as fits.
     *
     * @return whether it was all there
     */
    private boolean decryptApart(ByteBuffer source, ByteBuffer into) throws IOException {
        text = buffers.acquire();
        boolean isWhole = unwrap(source, text).getStatus() == Status.OK;
        text.flip();
        takeText(into);
        return isWhole && answer();
    }

    private void takeText(ByteBuffer into) {
        int n = Math.min(text.remaining(), into.remaining());
        into.put(into.position(), text, text.position(), n).position(into.position() + n);
        text.position(text.position() + n);
        if (!text.hasRemaining()) {
            text = released(text);
        }
    }

    private SSLEngineResult unwrap(ByteBuffer source, ByteBuffer into) throws SSLException {
        try {
            var result = engine.unwrap(source, into);
            if (result.getStatus() == Status.BUFFER_UNDERFLOW && source.remaining() >= TlsBuffers.RECORD) {
                throw new SSLException("a record is too long");
            }
            return result;
        } catch (RuntimeException e) {
            throw new SSLException("the engine failed: " + e, e); // of what a peer sent: no error of ours
        }
    }

    private void keep(ByteBuffer source) throws IOException {
        if (source != encrypted) {
            if (source.hasRemaining()) {
                encrypted = buffers.acquire().put(source);
            }
        } else if (source.hasRemaining()) {
            source.compact();
        } else {
            encrypted = released(source);
        }
    }

    /** Give the peer what it asks of the engine: new keys, nothing else. */
    private boolean answer() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> throw new SSLException("the peer wants to negotiate again, which is refused");
            case NEED_WRAP -> blocked = !engine.isInboundDone() && !output.answer();
            default -> blocked = false;
        }
        return !blocked;
    }

    boolean isBlocked() {
        return blocked;
    }

    /** Go on after {@link #isBlocked}: the kernel takes bytes again. */
    void unblock() throws IOException {
        if (blocked) {
            again |= answer();
        }
    }

    boolean hasMore() {
        return !blocked && (text != null || records || again);
    }

    /** Read what is there, for nobody. */
    void discard() throws IOException {
        socket.read(scratch.in(Integer.MAX_VALUE));
    }

    void close() {
        encrypted = released(encrypted);
        text = released(text);
    }

    private ByteBuffer released(ByteBuffer buffer) {
        if (buffer != null) {
            buffers.release(buffer);
        }
        return null;
    }
}
