package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.time.Duration;

/**
 * The rules of one group. The framing is fixed when the group begins; a reload may change the other rules.
 *
 * @param framing how the members' streams divide into messages
 * @param maxMessageSize the largest bare message, in bytes
 * @param messageTimeout how long a message may stay unfinished
 * @param slowMember how the group treats a member that does not keep up
 * @param flow when a member is full, and when it is stalled
 * @param gapNotice the message that tells a member how many messages it missed, with {@link #MISSED} in place of the
 *     number; empty for none
 * @param members the rules for each member
 */
public record GroupRules(
        Framing framing,
        int maxMessageSize,
        Duration messageTimeout,
        SlowMember slowMember,
        FlowLimits flow,
        String gapNotice,
        MemberRules members) {

    /** The placeholder for the number in a gap notice. */
    public static final String MISSED = "{missed}";

    public static final int DEFAULT_MAX_MESSAGE = 1 << 20;
    public static final Duration DEFAULT_MESSAGE_TIMEOUT = Duration.ofSeconds(30);

    /** Make rules with the default rules for members. */
    GroupRules(
            Framing framing,
            int maxMessageSize,
            Duration messageTimeout,
            SlowMember slowMember,
            FlowLimits flow,
            String gapNotice) {
        this(framing, maxMessageSize, messageTimeout, slowMember, flow, gapNotice, MemberRules.DEFAULT);
    }

    /** {@return rules for raw bytes with these limits, otherwise the defaults} */
    public static GroupRules raw(FlowLimits flow) {
        return of(Framing.RAW, flow);
    }

    /** {@return rules with this framing and these limits, otherwise the defaults} */
    static GroupRules of(Framing framing, FlowLimits flow) {
        return new GroupRules(framing, DEFAULT_MAX_MESSAGE, DEFAULT_MESSAGE_TIMEOUT, SlowMember.PACE, flow, "");
    }
}
