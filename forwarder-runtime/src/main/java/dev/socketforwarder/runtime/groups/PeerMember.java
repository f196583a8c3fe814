package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Peer;
import java.util.Optional;

/**
 * A member that the runtime provides, which tells its group more than a plugin's member can: where the peer is, and how much the
 * peer has taken. Used on its owner's thread.
 */
public interface PeerMember extends Member {

    /** {@return the peer's address, as text without control characters} May be called by any thread. */
    String address();

    /** {@return what is known of the peer} May be called by any thread. */
    Peer peer();

    /** {@return the version of TLS that the connection speaks; empty if it is plain} May be called by any thread. */
    Optional<String> tls();

    /**
     * Ask the kernel how much of the written bytes the peer has acknowledged, which takes microseconds. May be called by any
     * thread.
     *
     * @return empty if the kernel does not tell
     */
    Optional<Transmission> transmission();

    /**
     * What has become of the bytes that were written to a connection.
     *
     * @param acknowledged how many bytes the peer's kernel has acknowledged
     * @param unacknowledged how many bytes our kernel still holds
     */
    record Transmission(long acknowledged, long unacknowledged) {}

    /** {@return the peer's source, equal for all peers that count for one share of memory; empty if unknown} */
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
