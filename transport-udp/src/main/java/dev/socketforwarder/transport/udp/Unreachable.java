package dev.socketforwarder.transport.udp;

/** What becomes of a member that the network says cannot be reached: the setting {@code unreachable}. */
enum Unreachable {
    /** It stays one. */
    KEEP,
    /** It is one no more, once that was said often enough. */
    REMOVE
}
