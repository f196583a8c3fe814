package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/** An owner that can tell whether something has come in time, although it did not get round to reading it before. */
public interface PunctualOwner extends Owner {

    /** Run it on the owner's thread when what has come for its members by now has been read. Any thread. */
    void executeAfterReading(Runnable check);
}
