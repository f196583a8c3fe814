package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.buffer.Framing;
import java.time.Duration;
import java.util.Optional;

/**
 * A view of one member at one moment. The counts are read without stopping the member's thread, so they may be a moment old, and
 * one may be newer than another.
 *
 * @param id the member's number, which no other member of this process ever has
 * @param endpoint the name of the endpoint through which the member came
 * @param name the member's address, as text without control characters
 * @param peer the member itself if it is a connection of the runtime; empty for members of other kinds
 * @param isBridge whether this is a bridge to other processes, which does not count among the group's members
 * @param joinedFor how long ago the member joined
 * @param bytesIn how many bytes the member has published
 * @param bytesOut how many bytes were delivered to the member and are not queued any more
 * @param bytesInPerSecond how fast {@code bytesIn} grew in the last seconds
 * @param bytesOutPerSecond how fast bytes were delivered to the member in the last seconds
 * @param leftOut how many messages were left out for the member
 * @param queuedBytes how many bytes wait for the member in the forwarder
 * @param laggingFor how long some bytes have waited for the member all the time; zero if none wait
 * @param fullFor how long the member has been full, which makes its group's senders wait or costs it messages; zero if it
 *     is not full
 * @param isSlow whether the member is full, or has taken less than {@code min-drain} for a second
 * @param pausedBy who makes the member wait with sending; empty if nobody does
 */
public record MemberView(
        long id,
        String endpoint,
        GroupId group,
        Framing framing,
        String name,
        Optional<PeerMember> peer,
        boolean isBridge,
        Duration joinedFor,
        long bytesIn,
        long bytesOut,
        double bytesInPerSecond,
        double bytesOutPerSecond,
        long leftOut,
        long queuedBytes,
        Duration laggingFor,
        Duration fullFor,
        boolean isSlow,
        Optional<String> pausedBy) {}
