package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.io.Hops;

/**
 * Says where a batch came from: which registrations it must not go to, and how far it may still travel.
 *
 * @param own the registration of the sender's own address; null if there is none
 * @param last the registration that the sender made last; null if there is none
 * @param hops the hop limit to send it on with; {@link Hops#NONE} for the usual one
 */
record BatchOrigin(Registration own, Registration last, int hops) {
    private static final BatchOrigin[] OF_NOBODY = new BatchOrigin[Hops.START];

    static {
        for (int i = 0; i < OF_NOBODY.length; i++) {
            OF_NOBODY[i] = new BatchOrigin(null, null, i);
        }
    }

    /** {@return the origin of a batch that goes to all registrations} */
    static BatchOrigin ofNobody(int hops) {
        return OF_NOBODY[hops];
    }

    /** {@return whether the batch must not go to {@code registration}} */
    boolean concerns(Registration registration) {
        return registration == own || registration == last;
    }
}
