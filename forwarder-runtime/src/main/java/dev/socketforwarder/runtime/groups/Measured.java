package dev.socketforwarder.runtime.groups;

/** A member that knows more of its peer than what could be written to it. Used on its owner's thread. */
public interface Measured {

    /**
     * Find out how much the peer has taken, and let the member's queue know.
     *
     * @param then run on the owner's thread when that is done; not, if the process stops meanwhile
     */
    void measure(Runnable then);

    /** {@return whether what the peer sends is left unread for the sake of others} */
    boolean isHeldBack();
}
