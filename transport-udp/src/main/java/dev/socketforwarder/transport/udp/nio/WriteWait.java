package dev.socketforwarder.transport.udp.nio;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;

/**
 * The wait for room in a full send buffer: a little patience saves datagrams in a burst, but all waits of one turn together
 * are bounded, since meanwhile nothing is received. Used on the endpoint's thread.
 */
final class WriteWait {
    private static final long BUDGET_MS = 20;

    // Made at the first need: most endpoints never have one.
    private Selector selector;
    private long leftNs = TimeUnit.MILLISECONDS.toNanos(BUDGET_MS);

    /** Begin a turn: there is time to wait again. */
    void newTurn() {
        leftNs = TimeUnit.MILLISECONDS.toNanos(BUDGET_MS);
    }

    /** {@return whether the channel takes something now; false if this turn's time is used up} */
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
        // Rounded up: 0 would be to wait for ever.
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
