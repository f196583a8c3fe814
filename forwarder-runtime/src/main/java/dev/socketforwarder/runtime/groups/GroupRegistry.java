package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.runtime.memory.QueueBudget;
import dev.socketforwarder.runtime.memory.QueueMemory;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The groups of the process. A group is here from its first member or publisher to its last. Groups of one name but of
 * different framings are apart: so configuration alone decides on a member's framing, and never who came first. Thread-safe.
 */
public final class GroupRegistry implements Groups, AutoCloseable {

    /**
     * What all groups share.
     *
     * @param places one for each group that a peer began
     * @param memory for queued bytes
     * @param budget how much of it may be held
     * @param relief makes room when it is exceeded
     * @param overflows says what is left out for owners that do not keep up
     * @param counters of what is left out
     * @param nanoClock monotonic, in nanoseconds
     * @param timer wakes the check for stalled members; runs nothing long
     */
    record Shared(
            Places places,
            Memory memory,
            QueueBudget budget,
            Relief relief,
            OverflowLog overflows,
            Counters counters,
            LongSupplier nanoClock,
            ScheduledExecutorService timer) {}

    /** How many groups peers may begin where nothing is said. */
    public static final int DEFAULT_GROUPS = 100_000;

    /** What tells groups apart. */
    private record Key(GroupId id, Framing framing) {
        static Key of(Group group) {
            return new Key(group.id(), group.rules().framing());
        }
    }

    private final ConcurrentHashMap<Key, Group> groups = new ConcurrentHashMap<>();
    private final GroupRules rules;
    private final Shared shared;

    /** Make a registry without groups, on the system's clock, for raw groups with these limits where nothing else is said. */
    public GroupRegistry(FlowLimits limits, Counters counters) {
        this(GroupRules.raw(limits), Long.MAX_VALUE / 2, DEFAULT_GROUPS, Optional.empty(), counters, System::nanoTime);
    }

    /** Make a registry without groups, which keeps queued bytes in {@code memory} and takes the time from {@code nanoClock}. */
    public GroupRegistry(FlowLimits limits, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(GroupRules.raw(limits), Long.MAX_VALUE / 2, memory, counters, nanoClock);
    }

    /**
     * Make a registry without groups.
     *
     * @param rules for groups of which nothing else is said
     * @param maxQueued the most memory that all groups together may hold, in bytes
     */
    public GroupRegistry(GroupRules rules, long maxQueued, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(rules, maxQueued, DEFAULT_GROUPS, Optional.of(memory), counters, nanoClock);
    }

    /** Make the same, with room for so many groups that peers begin, and memory of its own unless some is given. */
    public GroupRegistry(
            GroupRules rules,
            long maxQueued,
            int maxGroups,
            Optional<Memory> given,
            Counters counters,
            LongSupplier nanoClock) {
        var threads = Thread.ofPlatform().name("stall-watch").daemon().factory();
        var timer = Executors.newSingleThreadScheduledExecutor(threads);
        var memory = given.orElseGet(() -> queueMemory(maxQueued, timer));
        var budget = new QueueBudget(maxQueued);
        var relief = new Relief(budget, groups.values(), timer, nanoClock);
        this.rules = rules;
        var overflows = new OverflowLog(nanoClock);
        this.shared = new Shared(new Places(maxGroups), memory, budget, relief, overflows, counters, nanoClock, timer);
    }

    private static Memory queueMemory(long most, ScheduledExecutorService timer) {
        var memory = new QueueMemory(most, task -> later(timer, task));
        // The first buffer takes tens of milliseconds, since the C library's functions are looked up: no event loop is
        // to wait.
        timer.execute(() -> memory.release(memory.acquire(QueueMemory.SMALLEST)));
        return memory;
    }

    private static void later(ScheduledExecutorService timer, Runnable task) {
        try {
            timer.schedule(task, QueueMemory.IDLE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException _) {
            // The process stops.
        }
    }

    @Override
    public Join join(GroupId id, Member member, Owner owner) {
        return join(id, rules, member, owner);
    }

    /** Join the group of this name and of these rules' framing, which has the other rules too if it begins with that. */
    public Join join(GroupId id, GroupRules rules, Member member, Owner owner) {
        var held = holdIfPlace(id, rules);
        if (held.isEmpty()) {
            return new Refused(Reason.TOO_MANY_GROUPS);
        }
        var group = held.get();
        if (!group.members().take()) {
            letGo(group);
            return new Refused(Reason.TOO_MANY_MEMBERS);
        }
        var seat = new Seat(group.side(owner), SeatKind.MEMBER, member, rules.members());
        seat.enter(() -> {
            group.members().giveBack();
            letGo(group);
        });
        return new Joined(seat);
    }

    @Override
    public Membership publisher(GroupId id, Owner owner) {
        return publisher(id, rules, owner);
    }

    /** Publish to the group of this name and of these rules' framing, which has the other rules too if it begins with that. */
    public Membership publisher(GroupId id, GroupRules rules, Owner owner) {
        var group = hold(id, rules);
        var seat = new Seat(group.side(owner), SeatKind.PUBLISHER, Publisher.INSTANCE, rules.members());
        seat.enter(() -> letGo(group));
        return seat;
    }

    /** {@return the bytes that all groups hold, by the capacity of their memory} */
    long heldBytes() {
        return shared.budget().held();
    }

    /** {@return the counters of what was left out, which no one endpoint has to do with} */
    public Counters counters() {
        return shared.counters();
    }

    /** {@return the sides of an owner that hangs; nobody waits for their members any more} */
    public List<Side> abandon(Owner owner) {
        var sides = groups.values().stream()
                .flatMap(group -> Arrays.stream(group.sides()))
                .filter(side -> side.owner() == owner)
                .toList();
        sides.forEach(Side::abandon);
        return sides;
    }

    /** {@return what wakes checks; it runs nothing long} */
    public ScheduledExecutorService timer() {
        return shared.timer();
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

    private Group hold(GroupId id, GroupRules rules) {
        return groups.compute(new Key(id, rules.framing()), (_, existing) -> {
            var group = existing == null ? new Group(id, rules, shared) : existing;
            group.holders++;
            return group;
        });
    }

    private Optional<Group> holdIfPlace(GroupId id, GroupRules rules) {
        return Optional.ofNullable(groups.compute(new Key(id, rules.framing()), (_, existing) -> {
            var group = existing;
            if (group == null) {
                group = new Group(id, rules, shared);
                group.hasPlace = !id.ofEndpoint() && shared.places().take();
                if (!group.hasPlace && !id.ofEndpoint()) {
                    return null;
                }
            }
            group.holders++;
            return group;
        }));
    }

    private void letGo(Group group) {
        groups.compute(Key.of(group), (_, existing) -> {
            if (--group.holders > 0) {
                return existing;
            }
            if (group.hasPlace) {
                shared.places().giveBack();
            }
            return null;
        });
    }
}
