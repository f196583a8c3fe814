package dev.socketforwarder.api;

/**
 * Limits how fast a transport may read from senders, in bytes a second. The value 0 means no limit.
 *
 * @param member the limit for one member
 * @param group the limit for the members of the group that use this transport, all together
 */
public record Rates(long member, long group) {
    /** Limits nothing. */
    public static final Rates UNLIMITED = new Rates(0, 0);
}
