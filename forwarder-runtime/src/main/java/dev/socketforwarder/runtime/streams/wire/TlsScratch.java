package dev.socketforwarder.runtime.streams.wire;

import java.nio.ByteBuffer;

/** The buffers that all TLS bytes of one loop pass through. They are empty between two calls. */
public final class TlsScratch {
    private static final int MOST_READ = 64 * 1024;
    /** The most room that an engine demands for one record, although the record is only half as large. */
    private static final int OUT = 34 * 1024;

    private final ByteBuffer in = ByteBuffer.allocateDirect(MOST_READ);
    private final ByteBuffer text = ByteBuffer.allocateDirect(TlsBuffers.RECORD);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT);

    /** {@return a buffer for encrypted bytes from the socket, at most {@code limit}} */
    ByteBuffer in(int limit) {
        return in.clear().limit(Math.min(limit, MOST_READ));
    }

    /** {@return a buffer for the text of one record} */
    ByteBuffer text() {
        return text.clear();
    }

    /** {@return a buffer for one record to the socket} */
    ByteBuffer out() {
        return out.clear();
    }
}
