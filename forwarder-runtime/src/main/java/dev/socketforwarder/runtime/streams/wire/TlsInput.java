package dev.socketforwarder.runtime.streams.wire;

import dev.socketforwarder.runtime.streams.wire.TlsBuffers.Held;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.OptionalLong;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLEngineResult.Status;
import javax.net.ssl.SSLException;

/** The receiving half of a {@link TlsWire}. Decrypts straight into the reader's buffer, as far as that has room. */
final class TlsInput {
    /** The most bytes that one read takes from the socket without getting any text: records may have no text. */
    private static final int MOST_IN_VAIN = 64 * 1024;
    /** The most bytes of the peer's that a handshake may take. Most of them are certificates. */
    private static final int LONGEST_HANDSHAKE = 256 * 1024;

    private static final int ALERT_RECORD = 21;
    private static final int HANDSHAKE_RECORD = 22;
    private static final ByteBuffer NO_ROOM = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;
    private TlsBuffers buffers;
    private Runnable onEvicted;
    private final TlsOutput output;
    private TlsScratch scratch;

    /** Encrypted bytes that make no whole record, or whose text had no room; null: there are none. */
    private Held encrypted;
    /** Decrypted text that had no room; null: there is none. */
    private Held text;

    private boolean records; // whether there may be whole records among the encrypted bytes
    private boolean again; // whether the last read stopped early
    private boolean blocked; // whether the engine has an answer for the peer that the kernel does not take
    private boolean ended; // whether the peer has ended its side, by FIN
    private int handshakeBytes;
    private int inEngine; // how many bytes the engine holds of a handshake message that is not complete

    TlsInput(
            SocketChannel socket,
            SSLEngine engine,
            TlsBuffers buffers,
            TlsScratch scratch,
            TlsOutput output,
            Runnable onEvicted) {
        this.socket = socket;
        this.engine = engine;
        this.buffers = buffers;
        this.scratch = scratch;
        this.output = output;
        this.onEvicted = onEvicted;
    }

    /** Use these buffers and this action from now on. */
    void use(TlsScratch ofLoop, TlsBuffers ofMembers, Runnable whenEvicted) throws IOException {
        scratch = ofLoop;
        onEvicted = whenEvicted;
        inEngine = 0;
        encrypted = moved(encrypted, ofMembers);
        text = moved(text, ofMembers);
        buffers = ofMembers;
    }

    private Held moved(Held held, TlsBuffers others) throws IOException {
        if (held == null || !held.bytes().hasRemaining()) {
            return released(held);
        }
        var moved = others.hold(held.bytes(), 0, onEvicted);
        buffers.release(held);
        return moved;
    }

    /** {@return since when a record has been incomplete, by {@link System#nanoTime}; empty: no record is incomplete} */
    OptionalLong unfinishedSinceNs() {
        return encrypted == null || records || blocked || text != null
                ? OptionalLong.empty()
                : OptionalLong.of(encrypted.sinceNs());
    }

    /** {@return the encrypted bytes that are left, with room behind them for more, up to {@code most} in all} */
    private ByteBuffer source(int most) {
        var source = scratch.in(Integer.MAX_VALUE);
        if (encrypted != null) {
            source.put(encrypted.bytes().duplicate());
        }
        return source.limit(Math.max(source.position(), Math.min(most, source.capacity())));
    }

    /**
     * Process one record of the handshake.
     *
     * @return false if no record has come yet
     */
    boolean negotiate() throws IOException {
        var source = source(TlsBuffers.RECORD);
        if (!records) {
            int n = socket.read(source);
            if (n < 0) {
                throw new EOFException();
            }
            if (n == 0) {
                return false;
            }
            if (handshakeBytes == 0 && !mayBegin(source.get(0))) {
                throw new TlsWire.NotTls(source.flip());
            }
            handshakeBytes += n;
            if (handshakeBytes > LONGEST_HANDSHAKE) {
                throw new SSLException("the handshake is too long");
            }
        }
        source.flip();
        switch (unwrap(source, NO_ROOM).getStatus()) {
            case OK -> {
                records = source.hasRemaining();
                boolean isWaiting = engine.getHandshakeStatus() == HandshakeStatus.NEED_UNWRAP;
                inEngine = isWaiting ? inEngine + source.position() : 0;
            }
            case BUFFER_UNDERFLOW -> records = false;
            case BUFFER_OVERFLOW -> throw new SSLException("data came before the end of the handshake");
            case CLOSED -> throw new SSLException("the peer gave up the handshake");
        }
        keep(source);
        return true;
    }

    /** {@return whether any byte of the peer's has come} */
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
            var source = source(Math.max(into.remaining(), TlsBuffers.RECORD));
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

    /** {@return whether a record of this type may come first} A server may answer with an alert alone. */
    private boolean mayBegin(byte record) {
        return record == HANDSHAKE_RECORD || record == ALERT_RECORD && engine.getUseClientMode();
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
                    // The engine asks for room as soon as it knows a record's length, even before the record is whole.
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
     * Decrypt a record that is larger than the reader's buffer, and give the reader as much text as fits.
     *
     * @return whether the whole record had come
     */
    private boolean decryptApart(ByteBuffer source, ByteBuffer into) throws IOException {
        var all = scratch.text();
        boolean isWhole = unwrap(source, all).getStatus() == Status.OK;
        take(all.flip(), into);
        if (all.hasRemaining()) {
            text = buffers.hold(all, 0, onEvicted);
        }
        return isWhole && answer();
    }

    private void takeText(ByteBuffer into) {
        take(text.bytes(), into);
        if (!text.bytes().hasRemaining()) {
            text = released(text);
        }
    }

    private static void take(ByteBuffer from, ByteBuffer into) {
        int n = Math.min(from.remaining(), into.remaining());
        into.put(into.position(), from, from.position(), n).position(into.position() + n);
        from.position(from.position() + n);
    }

    private SSLEngineResult unwrap(ByteBuffer source, ByteBuffer into) throws SSLException {
        try {
            var result = engine.unwrap(source, into);
            if (result.getStatus() == Status.BUFFER_UNDERFLOW && source.remaining() >= TlsBuffers.RECORD) {
                throw new SSLException("a record is too long");
            }
            return result;
        } catch (RuntimeException e) {
            throw new SSLException("the engine failed: " + e, e); // the peer's bytes cause this, not an error of ours
        }
    }

    private void keep(ByteBuffer source) throws IOException {
        boolean isAnother = source.position() > 0 && inEngine == 0;
        if (encrypted != null && (isAnother || !source.hasRemaining() && inEngine == 0)) {
            encrypted = released(encrypted);
        }
        if (encrypted != null) {
            buffers.keep(encrypted, source, inEngine);
        } else if (source.hasRemaining() || inEngine > 0) {
            encrypted = buffers.hold(source, inEngine, onEvicted);
        }
    }

    /** Send the peer what the engine has to answer, which can only be about new keys. */
    private boolean answer() throws IOException {
        switch (engine.getHandshakeStatus()) {
            case NEED_TASK -> throw new SSLException("the peer asks for renegotiation, which is refused");
            case NEED_WRAP -> blocked = !engine.isInboundDone() && !output.answer();
            default -> blocked = false;
        }
        return !blocked;
    }

    boolean isBlocked() {
        return blocked;
    }

    /** Go on after {@link #isBlocked}, because the kernel takes bytes again. */
    void unblock() throws IOException {
        if (blocked) {
            again |= answer();
        }
    }

    boolean hasMore() {
        return !blocked && (text != null || records || again);
    }

    /** Read what is there and discard it. */
    void discard() throws IOException {
        socket.read(scratch.in(Integer.MAX_VALUE));
    }

    void close() {
        encrypted = released(encrypted);
        text = released(text);
    }

    private Held released(Held held) {
        if (held != null) {
            buffers.release(held);
        }
        return null;
    }
}
