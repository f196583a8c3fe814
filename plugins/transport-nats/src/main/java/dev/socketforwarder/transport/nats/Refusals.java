package dev.socketforwarder.transport.nats;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * Counts and logs what is refused or dropped. The log names the first server in place of a source: what a message says of its sender may
 * be forged, and so many forged senders would fill the log.
 *
 * @param context counts, and logs one line a minute for each reason
 * @param server the first server in the settings
 */
record Refusals(TransportContext context, InetSocketAddress server) {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    /**
     * Count and log messages of a group that were dropped, or another event.
     *
     * @param messages how many, at least 1
     */
    void add(Reason reason, long messages, String detail) {
        context.refused(reason, server, detail, NOTHING);
        context.counters().add(reason, messages - 1); // the call above counts one
    }
}
