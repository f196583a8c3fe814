package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/**
 * An owner that the runtime provides: a loop that reads what has already arrived before it runs a check of a deadline.
 */
public interface LoopOwner extends Owner {

    /**
     * Run the check on the owner's thread once the bytes that have arrived by now are read. May be called by any
     * thread.
     */
    void executeAfterReading(Runnable check);

    /**
     * {@return whether this owner runs foreign code, which may hang; the members of an owner that hangs are abandoned}
     */
    boolean mayHang();

    /**
     * Queue a task as {@link #execute} does, but do not wake the owner. May be called by any thread.
     *
     * @return whether the caller must {@link #wake} this owner soon
     */
    boolean leave(Runnable task);

    /** End the owner's present or next wait. May be called by any thread. */
    void wake();

    /**
     * Hand a task to another owner. An owner that has still to write what its own members were given may wake the other one after
     * that. On this owner's thread.
     */
    default void handOver(Owner other, Runnable task) {
        other.execute(task);
    }

    /** {@return whether this owner takes turns, as far as is known: it neither hangs nor has ended} May be called by any thread. */
    default boolean isRunning() {
        return true;
    }
}
