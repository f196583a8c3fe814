package dev.socketforwarder.runtime.streams.wire;

import java.nio.ByteBuffer;

/** The buffers through which all TLS bytes of one loop pass; empty between two calls. */
public final class TlsScratch {
    private static final int MOST_READ = 64 * 1024;
    /** What an engine demands for one record at the most, though it then makes one of half the size. */
    private static final int OUT = 34 * 1024;

    private final ByteBuffer in = ByteBuffer.allocateDirect(MOST_READ);
    private final ByteBuffer text = ByteBuffer.allocateDirect(TlsBuffers.RECORD);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT);

    /** {@return room for encrypted bytes from the socket, at most {@code limit}} */
    ByteBuffer in(int limit) {
        return in.clear().limit(Math.min(limit, MOST_READ));
    }

    /** {@return room for the text of one record} */
    ByteBuffer text() {
        return text.clear();
    }

    /** {@return room for one record to the socket} */
    ByteBuffer out() {
        return out.clear();
    }
}
