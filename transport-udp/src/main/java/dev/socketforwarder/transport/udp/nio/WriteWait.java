package dev.socketforwarder.transport.udp.nio;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/**
 * Waits for room in a full send buffer, which saves datagrams in a burst. The waits of one turn are bounded together,
 * since nothing is received meanwhile. Used on the endpoint's thread.
 */
final class WriteWait {
    private static final long BUDGET_MS = 20;

    // Made when first needed, since most endpoints never need it.
    private Selector selector;
    private long leftNs = TimeUnit.MILLISECONDS.toNanos(BUDGET_MS);

    /** Begin a turn with a fresh allowance of waiting time. */
    void newTurn() {
        leftNs = TimeUnit.MILLISECONDS.toNanos(BUDGET_MS);
    }

    /** {@return whether the channel has room now; false if this turn's time is used up} */
    boolean await(SelectableChannel channel) throws IOException {
        if (leftNs <= 0) {
            return false;
        }
        if (selector == null) {
            selector = Selector.open();
        }
        var key = channel.keyFor(selector);
        if (key == null) {
            key = channel.register(selector, 0);
        }
        key.interestOps(SelectionKey.OP_WRITE);
        long startNs = System.nanoTime();
        // Rounded up, since 0 would mean no limit.
        int ready = selector.select(_ -> {}, TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
        leftNs -= System.nanoTime() - startNs;
        // The next wait may be for another channel.
        key.interestOps(0);
        return ready > 0;
    }

    void close() throws IOException {
        if (selector != null) {
            selector.close();
        }
    }
}
