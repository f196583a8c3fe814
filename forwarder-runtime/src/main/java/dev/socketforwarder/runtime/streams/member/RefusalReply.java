package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Tells a client in one line why it is refused, if the endpoint has {@code refusal-reply}. The connection is closed right after, so
 * this happens once at most. Nothing waits for the client: what its kernel does not take at once is lost.
 */
public final class RefusalReply {
    private static final String PREFIX = "SOCKETFORWARDER-REFUSED:";
    private static final int MOST_READS = 16;

    private RefusalReply() {}

    /** Send the line through a wire that is about to be closed. On the wire's loop. */
    public static void send(StreamContext shared, Wire wire, Reason reason, ByteBuffer scratch) {
        boolean hasReader = reason != Reason.PROBE && reason != Reason.INTERNAL_ERROR;
        if (!hasReader || !shared.settings().refusalReply()) {
            return;
        }
        try {
            var line = PREFIX + reason.label() + "\n";
            wire.write(scratch.put(line.getBytes(StandardCharsets.US_ASCII)).flip());
        } catch (IOException _) {
            return; // the client is gone, and nobody is left to be told
        }
        finish(wire, scratch);
    }

    /** End the output of a wire that is about to be closed. On the wire's loop. */
    public static void finish(Wire wire, ByteBuffer scratch) {
        try {
            wire.finish();
            // With unread input, the close would reset the connection, and the client might lose the line.
            int reads = 0;
            while (reads < MOST_READS && wire.discard(scratch.clear()) > 0) {
                reads++;
            }
        } catch (IOException _) {
            // The client is gone.
        }
    }
}
