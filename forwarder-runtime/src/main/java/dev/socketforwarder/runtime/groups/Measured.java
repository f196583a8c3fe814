package dev.socketforwarder.runtime.groups;

/**
 * A member that can measure how much its peer has taken, beyond what could be written to the socket. Used on its
 * owner's thread.
 */
public interface Measured {

    /**
     * Find out how much the peer has taken, and tell the member's queue.
     *
     * @param then runs on the owner's thread afterwards, unless the process stops meanwhile
     */
    void measure(Runnable then);

    /** {@return whether reading from the peer is paused to spare others} */
    boolean isHeldBack();
}
