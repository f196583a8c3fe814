package dev.socketforwarder.transport.udp.settings;

/** The values of the setting {@code io}: how an endpoint does its I/O. */
public enum IoPath {
    /** By system calls if they work, else by channels. */
    AUTO,
    /** By Linux system calls for many datagrams at once; if they do not work, the start fails. */
    NATIVE,
    /** By the JDK's channels, on every system. */
    NIO
}
