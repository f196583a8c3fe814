package dev.socketforwarder.transport.udp.settings;

/** The values of the setting {@code sender-policy}: which senders' datagrams are forwarded. */
public enum SenderPolicy {
    /** Those of all senders. */
    ANY,
    /** Those of registered addresses, and of sources that registered one. */
    REGISTERED
}
