package dev.socketforwarder.runtime.groups;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Adds up what was handed over to the bridges of one listener, over all groups, and has not been taken. Each inbox has a limit of its
 * own, but nobody waits for bridges, so a thousand inboxes of a listener that hangs would take the memory of all members. Thread-safe.
 */
final class Handed {
    /** Each batch takes heap memory that the budget does not count. */
    private static final int MOST_BATCHES = 64 << 10;

    private final AtomicLong bytes = new AtomicLong();
    private final AtomicInteger batches = new AtomicInteger();

    /** {@return whether another batch may be handed over} */
    boolean hasRoom(long mostBytes) {
        return bytes.get() < mostBytes && batches.get() < MOST_BATCHES;
    }

    void add(long more) {
        bytes.addAndGet(more);
        batches.getAndIncrement();
    }

    void take(long size) {
        bytes.addAndGet(-size);
        batches.getAndDecrement();
    }
}
