package dev.socketforwarder.runtime.streams.wire;

import dev.socketforwarder.runtime.streams.wire.TlsBuffers.Held;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/**
 * The sending half of a {@link TlsWire}. Makes one record at a time, and the next only when the kernel has taken the
 * whole last record.
 */
final class TlsOutput {
    private static final ByteBuffer[] NOTHING = {ByteBuffer.allocate(0)};

    /**
     * How long one write may go on encrypting. Compiled code makes megabytes of records in that time. Before the code
     * is compiled a single record takes longer, and members of a loop without TLS must not wait for many records.
     */
    static final long WRITE_NS = 5_000_000;

    private final LongSupplier nanoClock;
    private final SocketChannel socket;
    private final SSLEngine engine;
    private TlsBuffers buffers;
    private TlsScratch scratch;
    private Runnable onEvicted;
    /** A record of which the kernel has not taken all; null: there is none. */
    private Held pending;

    TlsOutput(
            SocketChannel socket,
            SSLEngine engine,
            TlsBuffers buffers,
            TlsScratch scratch,
            Runnable onEvicted,
            LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.socket = socket;
        this.engine = engine;
        this.buffers = buffers;
        this.scratch = scratch;
        this.onEvicted = onEvicted;
    }

    /** Use these buffers and this action from now on. */
    void use(TlsScratch ofLoop, TlsBuffers ofMembers, Runnable whenEvicted) throws IOException {
        var rest = pending;
        scratch = ofLoop;
        onEvicted = whenEvicted;
        if (rest != null) {
            pending = ofMembers.hold(rest.bytes(), 0, whenEvicted);
            buffers.release(rest);
        }
        buffers = ofMembers;
    }

    /**
     * {@return how many bytes of text went into records} Text remains if the kernel has not taken the whole last
     * record, or if the time for one write is over.
     */
    long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long written = 0;
        long begunNs = nanoClock.getAsLong();
        do {
            if (!push() || !hasRemaining(sources, offset, length)) {
                break;
            }
            written += encrypt(sources, offset, length);
        } while (nanoClock.getAsLong() - begunNs < WRITE_NS);
        return written;
    }

    private static boolean hasRemaining(ByteBuffer[] sources, int offset, int length) {
        // From the end, because the last buffer is used up last.
        for (int i = offset + length - 1; i >= offset; i--) {
            if (sources[i].hasRemaining()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Make one record and give it to the kernel.
     *
     * @return how many bytes of text the record contains
     */
    private int encrypt(ByteBuffer[] sources, int offset, int length) throws IOException {
        var out = scratch.out();
        var result = engine.wrap(sources, offset, length, out);
        if (result.bytesProduced() == 0) {
            throw new SSLException("TLS cannot send: " + result.getStatus() + ", " + result.getHandshakeStatus());
        }
        socket.write(out.flip());
        if (out.hasRemaining()) {
            pending = buffers.hold(out, 0, onEvicted);
        }
        return result.bytesConsumed();
    }

    /** {@return whether the kernel has taken all records now} */
    boolean push() throws IOException {
        if (pending == null) {
            return true;
        }
        socket.write(pending.bytes());
        if (pending.bytes().hasRemaining()) {
            return false;
        }
        buffers.release(pending);
        pending = null;
        return true;
    }

    /** {@return how many bytes of a record the kernel has not taken} */
    int pendingBytes() {
        return pending == null ? 0 : pending.bytes().remaining();
    }

    /**
     * Send what the engine has to say on its own account.
     *
     * @return false if the kernel does not take it yet
     */
    boolean answer() throws IOException {
        while (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
            if (!push()) {
                return false;
            }
            encrypt(NOTHING, 0, 1);
        }
        return true;
    }

    /**
     * Send close_notify, or the alert about a failure.
     *
     * @return false if the kernel does not take it yet
     */
    boolean sayEnd() throws IOException {
        engine.closeOutbound();
        while (!engine.isOutboundDone()) {
            if (!push()) {
                return false;
            }
            encrypt(NOTHING, 0, 1);
        }
        return push();
    }

    void close() {
        if (pending != null) {
            buffers.release(pending);
            pending = null;
        }
    }
}
