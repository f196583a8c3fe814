package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Rates;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The rules for each member of a group. The first member's limit of members holds for the group; all other rules are
 * each member's own.
 *
 * @param most the most members at a time
 * @param rates how fast members are read
 * @param joinReply what each member receives first, in the group's framing; in direct memory, from 0 to its capacity
 */
public record MemberRules(int most, Rates rates, Optional<ByteBuffer> joinReply) {
    /** 100,000 members, read at any rate, without a reply. */
    public static final MemberRules DEFAULT = new MemberRules(100_000, Rates.UNLIMITED, Optional.empty());
}
