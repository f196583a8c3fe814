package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.time.Duration;

/**
 * What holds in one group, from its first member on.
 *
 * @param framing how its members' streams are parted
 * @param maxMessageSize the largest bare message, in bytes
 * @param messageTimeout how long a message may be unfinished
 * @param slowMember what becomes of a member that does not keep up
 * @param flow when a member is full, and when stalled
 * @param gapNotice the message that tells a member how many it missed, with {@link #MISSED} where the number goes; empty:
 *     none
 * @param members what holds for whoever joins
 */
public record GroupRules(
        Framing framing,
        int maxMessageSize,
        Duration messageTimeout,
        SlowMember slowMember,
        FlowLimits flow,
        String gapNotice,
        MemberRules members) {

    /** Stands for the number in a gap notice. */
    public static final String MISSED = "{missed}";

    public static final int DEFAULT_MAX_MESSAGE = 1 << 20;
    public static final Duration DEFAULT_MESSAGE_TIMEOUT = Duration.ofSeconds(30);

    /** Make rules that leave members every default. */
    GroupRules(
            Framing framing,
            int maxMessageSize,
            Duration messageTimeout,
            SlowMember slowMember,
            FlowLimits flow,
            String gapNotice) {
        this(framing, maxMessageSize, messageTimeout, slowMember, flow, gapNotice, MemberRules.DEFAULT);
    }

    /** Raw bytes, with these limits and every other default. */
    public static GroupRules raw(FlowLimits flow) {
        return of(Framing.RAW, flow);
    }

    /** This framing, with these limits and every other default. */
    static GroupRules of(Framing framing, FlowLimits flow) {
        return new GroupRules(framing, DEFAULT_MAX_MESSAGE, DEFAULT_MESSAGE_TIMEOUT, SlowMember.PACE, flow, "");
    }
}
