package dev.socketforwarder.api;

/**
 * Limits how fast a transport may read, in bytes a second; 0 is no limit.
 *
 * @param member the limit of one member
 * @param group the limit of all members together that the group has through this transport
 */
public record Rates(long member, long group) {
    /** No limits. */
    public static final Rates UNLIMITED = new Rates(0, 0);
}
