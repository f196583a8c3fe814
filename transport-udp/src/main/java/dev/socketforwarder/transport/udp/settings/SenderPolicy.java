package dev.socketforwarder.transport.udp.settings;

/** Whose datagrams are forwarded: the setting {@code sender-policy}. */
public enum SenderPolicy {
    /** Anybody's. */
    ANY,
    /** Those of registered addresses, and of who registered one. */
    REGISTERED
}
