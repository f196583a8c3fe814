package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;

/** An owner of the runtime's own, of which a group asks more than of others: its loop reads for its members. */
public interface LoopOwner extends Owner {

    /**
     * Run it on the owner's thread when what has come for its members by now has been read: what came in time counts, although
     * the loop did not get round to reading it before. Any thread.
     */
    void executeAfterReading(Runnable check);

    /** {@return whether it runs code of others, which may hang: nobody waits for its members then} */
    boolean mayHang();
}
