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
 * The bytes of one connection as its peer means them, plain or through TLS. Never blocks; used on the thread of the loop
 * that has the connection.
 */
public interface Wire extends ByteChannel, GatheringByteChannel {

    /** {@return the version of TLS; empty without TLS} May be called by any thread. */
    default Optional<String> tls() {
        return Optional.empty();
    }

    /** {@return the socket under it} */
    SocketChannel socket();

    /**
     * Be a member's from now on, on the thread that calls this.
     *
     * @param scratch the buffers of that thread's TLS connections
     * @param buffers where bytes wait that a record lacks, or that the kernel does not take
     * @param onEvicted run by any thread when those bytes make room for others
     */
    void join(Supplier<TlsScratch> scratch, TlsBuffers buffers, Runnable onEvicted) throws IOException;

    /** {@return since when the peer has begun a record that it has not finished, by the clock; empty: it has not} */
    OptionalLong unfinishedSinceNs();

    /** {@return whether {@link #read} may bring bytes, or the end, though the selector does not tell of any} */
    boolean hasMore();

    /** {@return whether {@link #read} brings nothing until {@link #flush} has returned true} */
    boolean isReadBlocked();

    /** {@return whether the kernel has all that was written} */
    boolean isFlushed();

    /**
     * Give the kernel what it has not taken yet.
     *
     * @return whether it has all now; if not, wait until it can be written
     */
    boolean flush() throws IOException;

    /**
     * Throw away what has come, once nothing is read any more.
     *
     * @return how many bytes of the peer's are lost with it; -1 at the end
     */
    default int discard(ByteBuffer scratch) throws IOException {
        return socket().read(scratch);
    }

    /** {@return whether the peer still takes bytes after it has ended its own} */
    boolean outlivesInput();

    /**
     * Tell the peer that nothing more comes.
     *
     * @return whether that is done; if not, call again when it can be written
     */
    boolean finish() throws IOException;

    /** {@return how many bytes were written of which the kernel does not have the last} */
    int unsent();

    /** {@return why a connection ends for which reading or writing failed with this} */
    Reason reason(IOException e);

    @Override
    default long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }
}
