package dev.socketforwarder.transport.udp.settings;

/** How an address becomes a member: the setting {@code registration}. */
public enum RegistrationMode {
    /** By a registration. */
    OPEN,
    /** By any datagram that comes from it, too. */
    AUTO,
    /** By a registration that shows a cookie, which was sent to the address. */
    CHALLENGE
}
