package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.MemberView;
import java.time.Instant;
import java.util.Optional;

/**
 * A member joined or left.
 *
 * @param member the member as it was then
 * @param left why the member left; empty if it joined
 * @param members how many members the group had afterwards
 */
public record MemberEvent(Instant time, MemberView member, Optional<Reason> left, int members) {}
