package dev.socketforwarder.transport.udp.settings;

/** What becomes of a member that the network says cannot be reached: the setting {@code unreachable}. */
public enum Unreachable {
    /** It stays one. */
    KEEP,
    /** It is one no more, once that was said often enough. */
    REMOVE
}
