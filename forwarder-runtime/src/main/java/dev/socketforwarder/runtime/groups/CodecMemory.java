package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Memory;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;

/** The memory in which one member's codec keeps messages that are not complete. Used on the thread of the member's owner. */
final class CodecMemory implements Memory {
    private final Memory memory;
    private final Runnable onHeld;
    private final LongSupplier nanoClock;
    private long held;
    private long sinceNs; // when the codec began to hold memory
    private long grewNs; // when the codec last took more

    /** Make a view of this memory; {@code onHeld} is called when the codec begins to hold some of it. */
    CodecMemory(Memory memory, Runnable onHeld, LongSupplier nanoClock) {
        this.memory = memory;
        this.onHeld = onHeld;
        this.nanoClock = nanoClock;
    }

    @Override
    public ByteBuffer acquire(int bytes) {
        var buffer = memory.acquire(bytes);
        grewNs = nanoClock.getAsLong();
        if (held == 0) {
            sinceNs = grewNs;
            onHeld.run();
        }
        held += buffer.capacity();
        return buffer;
    }

    @Override
    public void release(ByteBuffer buffer) {
        held -= buffer.capacity();
        memory.release(buffer);
    }

    long heldBytes() {
        return held;
    }

    /** {@return how many nanoseconds ago the codec began to hold memory; 0 if it holds none} */
    long heldNs() {
        return held > 0 ? Math.max(1, nanoClock.getAsLong() - sinceNs) : 0;
    }

    /** {@return for how many nanoseconds the codec has held memory and has taken no more; 0 if it holds none} */
    long stalledNs() {
        return held > 0 ? nanoClock.getAsLong() - grewNs : 0;
    }
}
