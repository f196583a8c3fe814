package dev.socketforwarder.runtime.groups;

import java.util.Optional;

/** A member that knows the address of its peer. */
public interface Sourced {

    /** {@return the peer's source, equal for all peers that share one share of memory; empty if unknown} */
    Optional<Object> source();
}
