package dev.socketforwarder.transport.udp.settings;

/** The values of the setting {@code sender-policy}: which senders' datagrams are forwarded. */
public enum SenderPolicy {
    /** Datagrams of all senders. */
    ANY,
    /** Datagrams of registered addresses, and of sources that registered one. */
    REGISTERED
}
