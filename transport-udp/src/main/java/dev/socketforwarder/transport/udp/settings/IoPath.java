package dev.socketforwarder.transport.udp.settings;

/** How an endpoint speaks to the kernel; the values of the setting {@code io}. */
public enum IoPath {
    /** By system calls where that works, else by channels. */
    AUTO,
    /** By system calls that take many datagrams at once, on Linux; else the start fails. */
    NATIVE,
    /** By the JDK's channels, everywhere. */
    NIO
}
