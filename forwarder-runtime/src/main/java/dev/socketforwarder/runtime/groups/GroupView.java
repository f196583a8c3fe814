package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.buffer.Framing;
import java.util.Optional;

/**
 * A view of one group at one moment; see {@link MemberView} on how exact the counts are.
 *
 * @param members how many members the group has, without bridges
 * @param bytesIn how many bytes members and other senders have published since the group began
 * @param bytesOut how many bytes were delivered to members and bridges since then; each counts
 * @param bytesInPerSecond how fast {@code bytesIn} grew in the last seconds
 * @param bytesOutPerSecond how fast {@code bytesOut} grew in the last seconds
 * @param leftOut how many messages were left out for members since then
 * @param heldBytes how much memory the group holds for members that lag
 * @param pausedBy the full member or the thread that senders wait for; empty if they wait for nobody
 */
public record GroupView(
        GroupId id,
        Framing framing,
        int members,
        long bytesIn,
        long bytesOut,
        double bytesInPerSecond,
        double bytesOutPerSecond,
        long leftOut,
        long heldBytes,
        Optional<String> pausedBy) {}
