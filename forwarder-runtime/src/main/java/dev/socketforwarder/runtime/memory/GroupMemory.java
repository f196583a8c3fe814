package dev.socketforwarder.runtime.memory;

import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what one group holds of the memory that all groups share. Thread-safe. */
public final class GroupMemory implements Memory {
    private final Memory memory;
    private final QueueBudget budget;
    private final Runnable onScarce;
    private final AtomicLong held = new AtomicLong();

    /** Make a memory that holds nothing, and runs {@code onScarce} each time memory is taken while little is left. */
    public GroupMemory(Memory memory, QueueBudget budget, Runnable onScarce) {
        this.memory = memory;
        this.budget = budget;
        this.onScarce = onScarce;
    }

    /**
     * {@return the same memory for urgent needs: buffers up to this size may come from the reserve of the budget}
     *
     * @param largest in bytes
     */
    public Memory urgent(int largest) {
        return new Memory() {
            @Override
            public ByteBuffer acquire(int bytes) {
                return GroupMemory.this.acquire(bytes, bytes <= largest);
            }

            @Override
            public void release(ByteBuffer buffer) {
                GroupMemory.this.release(buffer);
            }
        };
    }

    /** Take memory. A group that holds little may take memory from the reserve, since such groups do not fill the rest. */
    @Override
    public ByteBuffer acquire(int bytes) {
        return acquire(bytes, held.get() + QueueMemory.capacity(bytes) <= budget.small());
    }

    private ByteBuffer acquire(int bytes, boolean isUrgent) {
        int capacity = QueueMemory.capacity(bytes);
        boolean isThere = budget.take(capacity, isUrgent);
        if (!isThere || budget.isScarce()) {
            onScarce.run();
        }
        if (!isThere) {
            throw new OutOfQueueException();
        }
        try {
            var buffer = memory.acquire(capacity);
            held.addAndGet(capacity);
            return buffer;
        } catch (OutOfQueueException e) {
            budget.giveBack(capacity); // the machine has less memory than the budget allows
            throw e;
        }
    }

    @Override
    public void release(ByteBuffer buffer) {
        memory.release(buffer); // released first, so that the budget never promises memory that is still held
        held.addAndGet(-buffer.capacity());
        budget.giveBack(buffer.capacity());
    }

    /** {@return the bytes in use, counted by capacity} */
    public long held() {
        return held.get();
    }
}
