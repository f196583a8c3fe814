package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/** An owner that reads what has already arrived before it runs a check of a deadline. */
public interface PunctualOwner extends Owner {

    /**
     * Run the check on the owner's thread once the bytes that have arrived by now are read. May be called by any
     * thread.
     */
    void executeAfterReading(Runnable check);
}
