package dev.socketforwarder.transport.udp.members;

import dev.socketforwarder.transport.udp.io.Hops;

/**
 * Whom a batch that came to an endpoint is not for, and how far it may still go.
 *
 * @param own the registration at the sender's own address, which does not get what that sends; null: none
 * @param last the one that the sender registered last, which does not either; null: none
 * @param hops the hop limit to send it on with; {@link Hops#NONE}: as any other
 */
record Origin(Registration own, Registration last, int hops) {
    private static final Origin[] OF_NOBODY = new Origin[Hops.START];

    static {
        for (int i = 0; i < OF_NOBODY.length; i++) {
            OF_NOBODY[i] = new Origin(null, null, i);
        }
    }

    /** {@return the origin of what concerns all} */
    static Origin ofNobody(int hops) {
        return OF_NOBODY[hops];
    }

    /** {@return whether {@code registration} is one of them} */
    boolean concerns(Registration registration) {
        return registration == own || registration == last;
    }
}
