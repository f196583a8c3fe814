package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Memory;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;

/** The groups of the process. A group is here from its first member or publisher to its last. Thread-safe. */
public final class GroupRegistry implements Groups, AutoCloseable {

    /**
     * What all groups share.
     *
     * @param limits when a member is full, and when stalled
     * @param most how many there may be
     * @param groups a place for each that a peer began
     * @param memory for queued bytes
     * @param counters of what is left out
     * @param nanoClock monotonic, in nanoseconds
     * @param timer wakes the check for stalled members; runs nothing long
     */
    record Shared(
            FlowLimits limits,
            GroupLimits most,
            Places groups,
            Memory memory,
            Counters counters,
            LongSupplier nanoClock,
            ScheduledExecutorService timer) {}

    private final ConcurrentHashMap<GroupId, Group> groups = new ConcurrentHashMap<>();
    private final Shared shared;

    /** Make a registry without groups, on the system's clock. */
    public GroupRegistry(FlowLimits limits, Counters counters) {
        this(limits, GroupLimits.DEFAULT, new QueueMemory(), counters, System::nanoTime);
    }

    /** Make a registry without groups, on the system's clock, with room for {@code most}. */
    GroupRegistry(FlowLimits limits, GroupLimits most, Counters counters) {
        this(limits, most, new QueueMemory(), counters, System::nanoTime);
    }

    /** Make a registry without groups, which keeps queued bytes in {@code memory} and takes the time from {@code nanoClock}. */
    public GroupRegistry(FlowLimits limits, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(limits, GroupLimits.DEFAULT, memory, counters, nanoClock);
    }

    private GroupRegistry(
            FlowLimits limits, GroupLimits most, Memory memory, Counters counters, LongSupplier nanoClock) {
        var threads = Thread.ofPlatform().name("stall-watch").daemon().factory();
        var timer = Executors.newSingleThreadScheduledExecutor(threads);
        this.shared = new Shared(limits, most, new Places(most.groups()), memory, counters, nanoClock, timer);
    }

    @Override
    public Join join(GroupId id, Member member, Owner owner) {
        var held = holdIfPlace(id);
        if (held.isEmpty()) {
            return new Refused(Reason.TOO_MANY_GROUPS);
        }
        var group = held.get();
        if (!group.members().take()) {
            letGo(group);
            return new Refused(Reason.TOO_MANY_MEMBERS);
        }
        var seat = new Seat(group.side(owner), member);
        seat.enter(() -> {
            group.members().giveBack();
            letGo(group);
        });
        return new Joined(seat);
    }

    @Override
    public Membership publisher(GroupId id, Owner owner) {
        var group = hold(id);
        var seat = new Seat(group.side(owner), Publisher.INSTANCE);
        seat.enter(() -> letGo(group));
        return seat;
    }

    /** {@return how many groups there are} */
    public int size() {
        return groups.size();
    }

    /** Stop looking for stalled members; for the end of the process. */
    @Override
    public void close() {
        shared.timer().shutdownNow();
    }

    private Group hold(GroupId id) {
        return groups.compute(id, (_, existing) -> {
            var group = existing == null ? new Group(id, shared) : existing;
            group.holders++;
            return group;
        });
    }

    private Optional<Group> holdIfPlace(GroupId id) {
        return Optional.ofNullable(groups.compute(id, (_, existing) -> {
            var group = existing;
            if (group == null) {
                group = new Group(id, shared);
                group.hasPlace = !id.ofEndpoint() && shared.groups().take();
                if (!group.hasPlace && !id.ofEndpoint()) {
                    return null;
                }
            }
            group.holders++;
            return group;
        }));
    }

    private void letGo(Group group) {
        groups.compute(group.id(), (_, existing) -> {
            if (--group.holders > 0) {
                return existing;
            }
            if (group.hasPlace) {
                shared.groups().giveBack();
            }
            return null;
        });
    }
}
