package dev.socketforwarder.api;

/**
 * Limits how fast a transport may read from senders, in bytes a second. The value 0 means no limit.
 *
 * @param member the limit for one member
 * @param group the limit for all members of the group together that use this transport
 */
public record Rates(long member, long group) {
    /** Limits nothing. */
    public static final Rates UNLIMITED = new Rates(0, 0);
}
