package dev.socketforwarder.transport.udp.settings;

/**
 * The values of the setting {@code unreachable}: how an endpoint treats a member that the network reports as
 * unreachable.
 */
public enum Unreachable {
    /** The member stays. */
    KEEP,
    /** The member is removed after enough reports. */
    REMOVE
}
