package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Rates;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What holds for whoever joins a group. How many may is what its first member brought; the rest is each member's own.
 *
 * @param most how many members there may be at a time
 * @param rates how fast they are read
 * @param joinReply what each gets first, in the group's framing; in direct memory, from 0 to its capacity
 */
public record MemberRules(int most, Rates rates, Optional<ByteBuffer> joinReply) {
    /** 100,000 members, read as fast as they send, without a reply. */
    public static final MemberRules DEFAULT = new MemberRules(100_000, Rates.UNLIMITED, Optional.empty());
}
