package dev.socketforwarder.transport.udp;

/**
 * The registrations that do not get what a sender sends.
 *
 * @param own the one at the sender's own address; null: none
 * @param last the one that it registered last; null: none
 */
record Origin(Registration own, Registration last) {

    /** {@return whether {@code registration} is one of them} */
    boolean concerns(Registration registration) {
        return registration == own || registration == last;
    }
}
