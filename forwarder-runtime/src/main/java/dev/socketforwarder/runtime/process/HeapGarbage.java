package dev.socketforwarder.runtime.process;

import java.util.function.LongSupplier;

/**
 * Has the garbage of the Java heap's old generation collected before it grows. The serial collector cleans that generation only
 * when the heap has its largest size, a quarter of the machine's memory. Connections that come and go leave some garbage there,
 * so until then the process would become larger all the time. Used on one thread.
 */
public final class HeapGarbage {
    /** The launcher sets this property if it chose the serial collector. */
    private static final String IS_SERIAL = "socketforwarder.serial-collector";

    /** Less garbage than this is not worth a pause, in bytes. */
    private static final long FEW = 16 << 20;

    private final LongSupplier used;
    private final Runnable collection;
    private long afterLast;

    /**
     * Watch a heap.
     *
     * @param used how many bytes of the heap are in use, garbage included
     * @param collection collects all garbage, and returns then
     */
    HeapGarbage(LongSupplier used, Runnable collection) {
        this.used = used;
        this.collection = collection;
    }

    /** {@return a watch on the heap of this process, which does nothing if the collector is not the serial one} */
    public static HeapGarbage ofProcess() {
        var runtime = Runtime.getRuntime();
        return Boolean.getBoolean(IS_SERIAL)
                ? new HeapGarbage(() -> runtime.totalMemory() - runtime.freeMemory(), System::gc)
                : new HeapGarbage(() -> 0, () -> {});
    }

    /**
     * Have the garbage collected if there may be much: the heap holds twice what it held after the last time. So the pauses are
     * rare, however many objects live.
     */
    public void look() {
        if (used.getAsLong() > FEW + 2 * afterLast) {
            collection.run();
            afterLast = used.getAsLong();
        }
    }
}
