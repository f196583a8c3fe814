package dev.socketforwarder.runtime.streams.wire;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * Carries the bytes of one connection as its peer means them, plain or through TLS. No method blocks. Used on the
 * thread of the loop to which the connection belongs.
 */
public interface Wire extends ByteChannel, GatheringByteChannel {

    /** {@return the version of TLS; empty without TLS} May be called by any thread. */
    default Optional<String> tls() {
        return Optional.empty();
    }

    /** {@return the socket below this wire} */
    SocketChannel socket();

    /**
     * Belong to a member from now on, on the calling thread.
     *
     * @param scratch the buffers of that thread's TLS connections
     * @param buffers the buffers for incomplete records, and for bytes that the kernel does not take yet
     * @param onEvicted run by any thread when those bytes are dropped to make room for others
     */
    void join(Supplier<TlsScratch> scratch, TlsBuffers buffers, Runnable onEvicted) throws IOException;

    /**
     * {@return since when a record of the peer's has been incomplete, by {@link System#nanoTime}; empty: no record is}
     */
    OptionalLong unfinishedSinceNs();

    /** {@return whether {@link #read} may bring bytes or the end, although the selector reports nothing} */
    boolean hasMore();

    /** {@return whether {@link #read} brings nothing until {@link #flush} has returned true} */
    boolean isReadBlocked();

    /** {@return whether the kernel has taken all that was written} */
    boolean isFlushed();

    /**
     * Give the kernel what it has not taken yet.
     *
     * @return whether the kernel has everything now; if not, call again when the socket is writable
     */
    boolean flush() throws IOException;

    /**
     * Discard what has come, after the last read.
     *
     * @return how many bytes of the peer are lost; -1 at the end
     */
    default int discard(ByteBuffer scratch) throws IOException {
        return socket().read(scratch);
    }

    /** {@return whether the peer still takes bytes after it has ended its own side} */
    boolean outlivesInput();

    /**
     * Tell the peer that nothing more comes.
     *
     * @return whether that is done; if not, call again when the socket is writable
     */
    boolean finish() throws IOException;

    /** {@return how many written bytes the kernel has not taken} */
    int unsent();

    /** {@return the reason to end a connection whose read or write failed with {@code e}} */
    Reason reason(IOException e);

    @Override
    default long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }
}
