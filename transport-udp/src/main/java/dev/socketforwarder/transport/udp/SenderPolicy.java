package dev.socketforwarder.transport.udp;

/** Whose datagrams are forwarded: the setting {@code sender-policy}. */
enum SenderPolicy {
    /** Anybody's. */
    ANY,
    /** Those of registered addresses, and of who registered one. */
    REGISTERED
}
