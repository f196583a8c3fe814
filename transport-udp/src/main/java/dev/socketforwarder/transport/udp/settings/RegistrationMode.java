package dev.socketforwarder.transport.udp.settings;

/** The values of the setting {@code registration}: how an address becomes a member. */
public enum RegistrationMode {
    /** By a registration. */
    OPEN,
    /** By a registration or any other datagram. */
    AUTO,
    /** By a registration with a cookie that was sent to the address. */
    CHALLENGE
}
