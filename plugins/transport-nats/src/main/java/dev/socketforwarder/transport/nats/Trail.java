package dev.socketforwarder.transport.nats;

import java.util.ArrayList;
import java.util.List;

/**
 * The forwarders that passed a message on by NATS, from the first one to the last. A trail travels with a message from one NATS
 * endpoint of a process to another, as the origin of a batch.
 *
 * @param nodes the ids of the forwarders
 */
record Trail(List<Long> nodes) {
    /** The most forwarders that may pass a message on. */
    static final int LONGEST = 8;

    /** The trail of a message that came from a member of this process. */
    static final Trail NONE = new Trail(List.of());

    Trail {
        nodes = List.copyOf(nodes);
    }

    /** {@return the trail of a batch, whatever transport it comes from} */
    static Trail of(Object origin) {
        return origin instanceof Trail trail ? trail : NONE;
    }

    /** {@return this trail with one more forwarder at its end} */
    Trail with(long node) {
        var more = new ArrayList<>(nodes);
        more.add(node);
        return new Trail(more);
    }

    boolean contains(long node) {
        return nodes.contains(node);
    }

    /** {@return whether no further forwarder may pass the message on} */
    boolean isFull() {
        return nodes.size() >= LONGEST;
    }
}
