package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.buffer.Batch;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies some of what is published to a group, for somebody who looks at it. The copies are bounded in size, in number and in
 * rate, whatever is published; what goes beyond is counted. A tap is no member: nobody waits for it, and it keeps no group
 * alive. Thread-safe.
 */
public final class Tap {
    /** The most bytes of a message that are copied. */
    public static final int MOST_BYTES = 1_024;

    private static final int MOST_WAITING = 256;
    private static final int MOST_A_SECOND = 100;
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    /**
     * A message, or a chunk of a raw stream.
     *
     * @param bytes its first bytes
     * @param length how many bytes it has in all
     */
    public record Message(byte[] bytes, int length) {}

    private final GroupId group;
    private final ArrayBlockingQueue<Message> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong skipped = new AtomicLong();

    // Guarded by this.
    private long secondNs = System.nanoTime();
    private int inSecond;

    Tap(GroupId group) {
        this.group = group;
    }

    GroupId group() {
        return group;
    }

    /** Copy what is being published. On the publisher's thread. */
    void offer(Batch batch, GroupRules rules) {
        if (isSpent()) {
            skipped.addAndGet(batch.count()); // telling messages apart would cost the publisher more than that
            return;
        }
        boolean isStream = batch.form() == Batch.Form.STREAM && rules.framing().isFramed();
        var messages = isStream ? batch.bare(rules.framing(), Integer.MAX_VALUE) : batch;
        for (int i = 0; i < messages.count(); i++) {
            if (!hasRoom() || !waiting.offer(message(messages, i))) {
                skipped.incrementAndGet();
            }
        }
    }

    private synchronized boolean isSpent() {
        return inSecond >= MOST_A_SECOND && System.nanoTime() - secondNs < SECOND_NS;
    }

    private synchronized boolean hasRoom() {
        long nowNs = System.nanoTime();
        if (nowNs - secondNs >= SECOND_NS) {
            secondNs = nowNs;
            inSecond = 0;
        }
        return inSecond++ < MOST_A_SECOND;
    }

    private static Message message(Batch batch, int i) {
        var bytes = new byte[Math.min(MOST_BYTES, batch.length(i))];
        batch.block().bytes().get(batch.offset(i), bytes);
        return new Message(bytes, batch.length(i));
    }

    /** {@return the next message; empty if none comes within this time} */
    public Optional<Message> next(Duration limit) throws InterruptedException {
        return Optional.ofNullable(waiting.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
    }

    /** {@return how many messages were not copied since this was asked last} */
    public long skipped() {
        return skipped.getAndSet(0);
    }
}
