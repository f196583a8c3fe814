package dev.socketforwarder.runtime.monitor;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A member joined or left.
 *
 * @param id the member's number
 * @param endpoint the name of the endpoint through which the member came
 * @param name the member's address, as text without control characters
 * @param joinedFor how long the member had been in the group
 * @param bytesIn how many bytes the member had published
 * @param bytesOut how many bytes the member had got
 * @param queuedBytes how many bytes still waited for the member
 * @param left why the member left; empty if it joined
 * @param members how many members the group had afterwards
 */
public record MemberEvent(
        Instant time,
        long id,
        String endpoint,
        GroupId group,
        String name,
        Duration joinedFor,
        long bytesIn,
        long bytesOut,
        long queuedBytes,
        Optional<Reason> left,
        int members) {}
