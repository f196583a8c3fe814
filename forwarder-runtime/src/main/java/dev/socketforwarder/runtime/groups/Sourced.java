package dev.socketforwarder.runtime.groups;

import java.util.Optional;

/** A member that stands for a peer somewhere. */
public interface Sourced {

    /** {@return where the peer is, equal for all peers that are to share what one may take; empty: nobody knows} */
    Optional<Object> source();
}
