package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Member;
import java.util.Optional;

/**
 * A member of the runtime's own, of which a group asks more than of a plugin's: where its peer is, and how far. Used on its
 * owner's thread.
 */
public interface PeerMember extends Member {

    /** {@return where the peer is, equal for all peers that are to share what one may take; empty: nobody knows} */
    Optional<Object> source();

    /**
     * Find out how much the peer has taken, and let the member's queue know.
     *
     * @param then run on the owner's thread when that is done; not, if the process stops meanwhile
     */
    void measure(Runnable then);

    /** {@return whether what the peer sends is left unread for the sake of others} */
    boolean isHeldBack();
}
