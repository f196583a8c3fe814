package dev.socketforwarder.api;

/**
 * How fast a transport may read, in bytes a second. 0: as fast as peers send.
 *
 * @param member of one member
 * @param group of all members together that its group has by this transport
 */
public record Rates(long member, long group) {
    /** As fast as they send. */
    public static final Rates UNLIMITED = new Rates(0, 0);
}
