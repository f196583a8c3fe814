package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.Framing;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Memory;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** The groups of the process. A group is here from its first member or publisher to its last. Thread-safe. */
public final class GroupRegistry implements Groups, AutoCloseable {

    /**
     * What all groups share.
     *
     * @param places one for each group that a peer began
     * @param memory for queued bytes
     * @param budget how much of it may be held
     * @param relief makes room when it is exceeded
     * @param counters of what is left out
     * @param nanoClock monotonic, in nanoseconds
     * @param timer wakes the check for stalled members; runs nothing long
     */
    record Shared(
            Places places,
            Memory memory,
            QueueBudget budget,
            Relief relief,
            Counters counters,
            LongSupplier nanoClock,
            ScheduledExecutorService timer) {}

    private final ConcurrentHashMap<GroupId, Group> groups = new ConcurrentHashMap<>();
    private final GroupRules rules;
    private final Shared shared;

    /** Make a registry without groups, on the system's clock, for raw groups with these limits where nothing else is said. */
    public GroupRegistry(FlowLimits limits, Counters counters) {
        this(
                GroupRules.raw(limits),
                Long.MAX_VALUE / 2,
                ServerOptions.DEFAULT_GROUPS,
                Optional.empty(),
                counters,
                System::nanoTime);
    }

    /** Make a registry without groups, which keeps queued bytes in {@code memory} and takes the time from {@code nanoClock}. */
    public GroupRegistry(FlowLimits limits, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(GroupRules.raw(limits), Long.MAX_VALUE / 2, memory, counters, nanoClock);
    }

    /** Make the same, for groups with this framing, and else with the rules that an endpoint's settings have for all. */
    public GroupRegistry(
            Settings settings,
            Framing framing,
            FlowLimits limits,
            Memory memory,
            Counters counters,
            LongSupplier nanoClock) {
        this(GroupTable.rules(settings, framing, limits), Long.MAX_VALUE / 2, memory, counters, nanoClock);
    }

    /**
     * Make a registry without groups.
     *
     * @param rules for groups of which nothing else is said
     * @param maxQueued the most memory that all groups together may hold, in bytes
     */
    GroupRegistry(GroupRules rules, long maxQueued, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(rules, maxQueued, ServerOptions.DEFAULT_GROUPS, Optional.of(memory), counters, nanoClock);
    }

    /** Make the same, with room for so many groups that peers begin, and memory of its own unless some is given. */
    GroupRegistry(
            GroupRules rules,
            long maxQueued,
            int maxGroups,
            Optional<Memory> given,
            Counters counters,
            LongSupplier nanoClock) {
        var threads = Thread.ofPlatform().name("stall-watch").daemon().factory();
        var timer = Executors.newSingleThreadScheduledExecutor(threads);
        var memory = given.orElseGet(() -> new QueueMemory(maxQueued, task -> later(timer, task)));
        var budget = new QueueBudget(maxQueued);
        var relief = new Relief(budget, groups.values(), timer, nanoClock);
        this.rules = rules;
        this.shared = new Shared(new Places(maxGroups), memory, budget, relief, counters, nanoClock, timer);
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

    /** Join a group, which has these rules if it begins with that. */
    Join join(GroupId id, GroupRules rules, Member member, Owner owner) {
        var held = holdIfPlace(id, rules);
        if (held.isEmpty()) {
            return new Refused(Reason.TOO_MANY_GROUPS);
        }
        var group = held.get();
        if (!group.rules().framing().equals(rules.framing())) {
            letGo(group);
            return new Refused(Reason.FRAMING_MISMATCH);
        }
        if (!group.members().take()) {
            letGo(group);
            return new Refused(Reason.TOO_MANY_MEMBERS);
        }
        var seat = new Seat(group.side(owner), member, rules.members());
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

    /** Publish to a group, which has these rules if it begins with that. */
    Membership publisher(GroupId id, GroupRules rules, Owner owner) {
        var group = hold(id, rules);
        var seat = new Seat(group.side(owner), Publisher.INSTANCE, rules.members());
        seat.enter(() -> letGo(group));
        return seat;
    }

    /** {@return the bytes that all groups hold, by the capacity of their memory} */
    long heldBytes() {
        return shared.budget().held();
    }

    /** {@return the counters of what was left out, which no one endpoint has to do with} */
    Counters counters() {
        return shared.counters();
    }

    /** {@return the sides of an owner that hangs; nobody waits for their members any more} */
    List<Side> abandon(Owner owner) {
        var sides = groups.values().stream()
                .flatMap(group -> Arrays.stream(group.sides()))
                .filter(side -> side.owner() == owner)
                .toList();
        sides.forEach(Side::abandon);
        return sides;
    }

    /** {@return what wakes checks; it runs nothing long} */
    ScheduledExecutorService timer() {
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
        return groups.compute(id, (_, existing) -> {
            var group = existing == null ? new Group(id, rules, shared) : existing;
            group.holders++;
            return group;
        });
    }

    private Optional<Group> holdIfPlace(GroupId id, GroupRules rules) {
        return Optional.ofNullable(groups.compute(id, (_, existing) -> {
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
        groups.compute(group.id(), (_, existing) -> {
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
