package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Member;
import java.util.Optional;

/**
 * A member of the runtime's own, which tells its group more than a plugin's member can: where its peer is, and how much the
 * peer has taken. Used on its owner's thread.
 */
public interface PeerMember extends Member {

    /** {@return the peer's address, as text without control characters} May be called by any thread. */
    String address();

    /** {@return the peer's source, equal for all peers that share one share of memory; empty if unknown} */
    Optional<Object> source();

    /**
     * Find out how much the peer has taken, and tell the member's queue.
     *
     * @param then runs on the owner's thread afterwards, unless the process stops meanwhile
     */
    void measure(Runnable then);

    /** {@return whether reading from the peer is paused to spare others} */
    boolean isHeldBack();
}
