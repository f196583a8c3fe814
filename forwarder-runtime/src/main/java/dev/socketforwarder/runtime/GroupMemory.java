package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Memory;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** What one group holds of the memory of all. Thread-safe. */
final class GroupMemory implements Memory {
    private final Memory memory;
    private final QueueBudget budget;
    private final Runnable onExceeded;
    private final AtomicLong held = new AtomicLong();

    /** Make one that holds nothing; {@code onExceeded} is told each time when the budget does not suffice. */
    GroupMemory(Memory memory, QueueBudget budget, Runnable onExceeded) {
        this.memory = memory;
        this.budget = budget;
        this.onExceeded = onExceeded;
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        var buffer = memory.acquire(bytes);
        held.addAndGet(buffer.capacity());
        if (budget.take(buffer.capacity())) {
            onExceeded.run();
        }
        return buffer;
    }

    @Override
    public void release(ByteBuffer buffer) {
        held.addAndGet(-buffer.capacity());
        budget.giveBack(buffer.capacity());
        memory.release(buffer);
    }

    /** {@return the bytes given out and not yet come back, by capacity} */
    long held() {
        return held.get();
    }
}
