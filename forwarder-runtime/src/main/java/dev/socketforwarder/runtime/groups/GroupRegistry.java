package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
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
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Holds the groups of the process, each from its first member or publisher to its last. Groups with the same name but
 * different framings are separate, so a member's framing depends on the configuration alone, never on the first member.
 * Thread-safe.
 */
public final class GroupRegistry implements Groups, AutoCloseable {

    /**
     * The objects that all groups share.
     *
     * @param places one for each group that peers created
     * @param memory the memory for queued bytes
     * @param budget how much of the memory may be held
     * @param relief makes room when the memory is short
     * @param overflows logs messages left out for owners that do not keep up
     * @param counters count the messages left out
     * @param roster lists all members
     * @param nanoClock monotonic, in nanoseconds
     * @param timer runs short checks
     */
    record Shared(
            Places places,
            Memory memory,
            QueueBudget budget,
            Relief relief,
            OverflowLog overflows,
            Counters counters,
            Roster roster,
            LongSupplier nanoClock,
            ScheduledExecutorService timer) {}

    /** How many groups peers may create by default. */
    public static final int DEFAULT_GROUPS = 100_000;

    /** The identity of a group. */
    private record Key(GroupId id, Framing framing) {
        static Key of(Group group) {
            return new Key(group.id(), group.rules().framing());
        }
    }

    private final ConcurrentHashMap<Key, Group> groups = new ConcurrentHashMap<>();
    private final List<Tap> taps = new CopyOnWriteArrayList<>();
    private final Watches watches = new Watches(this::forEach);
    private final GroupRules rules;
    private final Shared shared;
    private final Optional<QueueMemory> own; // empty if the memory was given

    /** Make an empty registry on the system's clock, whose groups are raw with these limits by default. */
    public GroupRegistry(FlowLimits limits, Counters counters) {
        this(GroupRules.raw(limits), Long.MAX_VALUE / 2, DEFAULT_GROUPS, Optional.empty(), counters, System::nanoTime);
    }

    /** Make an empty registry that keeps queued bytes in {@code memory} and takes the time from {@code nanoClock}. */
    public GroupRegistry(FlowLimits limits, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(GroupRules.raw(limits), Long.MAX_VALUE / 2, memory, counters, nanoClock);
    }

    /**
     * Make an empty registry.
     *
     * @param rules the default rules of a group
     * @param maxQueued the most bytes that all groups together may hold
     */
    public GroupRegistry(GroupRules rules, long maxQueued, Memory memory, Counters counters, LongSupplier nanoClock) {
        this(rules, maxQueued, DEFAULT_GROUPS, Optional.of(memory), counters, nanoClock);
    }

    /**
     * Make an empty registry with a limit on the groups that peers create. The registry makes its own memory unless one is given.
     */
    public GroupRegistry(
            GroupRules rules,
            long maxQueued,
            int maxGroups,
            Optional<Memory> given,
            Counters counters,
            LongSupplier nanoClock) {
        var threads = Thread.ofPlatform().name("stall-watch").daemon().factory();
        var timer = Executors.newSingleThreadScheduledExecutor(threads);
        this.own = given.isPresent() ? Optional.empty() : Optional.of(queueMemory(maxQueued, timer));
        var memory = given.or(() -> own).orElseThrow();
        var budget = new QueueBudget(maxQueued);
        var relief = new Relief(budget, groups.values(), timer, nanoClock);
        this.rules = rules;
        var overflows = new OverflowLog(nanoClock);
        this.shared = new Shared(
                new Places(maxGroups), memory, budget, relief, overflows, counters, new Roster(), nanoClock, timer);
    }

    private static QueueMemory queueMemory(long most, ScheduledExecutorService timer) {
        var memory = new QueueMemory(most, task -> later(timer, task));
        // The first buffer takes tens of milliseconds, since the C library's functions are looked up; no event loop
        // should wait for that.
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
        return join("", id, rules, member, owner);
    }

    /**
     * Join the group with this name and framing. The first member's other rules apply to the group.
     *
     * @param endpoint the name of the endpoint through which the member came
     */
    public Join join(String endpoint, GroupId id, GroupRules rules, Member member, Owner owner) {
        var held = holdIfPlace(id, rules);
        if (held.isEmpty()) {
            return new Refused(Reason.TOO_MANY_GROUPS);
        }
        var group = held.get();
        if (!group.members().take()) {
            letGo(group);
            return new Refused(Reason.TOO_MANY_MEMBERS);
        }
        var seat = new Seat(group.side(owner), SeatKind.MEMBER, endpoint, member, rules.members());
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

    /**
     * Publish to the group with this name and framing. The first member's or publisher's other rules apply to the
     * group.
     */
    public Membership publisher(GroupId id, GroupRules rules, Owner owner) {
        var group = hold(id, rules);
        var seat = new Seat(group.side(owner), SeatKind.PUBLISHER, "", Publisher.INSTANCE, rules.members());
        seat.enter(() -> letGo(group));
        return seat;
    }

    @Override
    public GroupWatch watch(GroupListener listener, Owner owner) {
        return watch("", listener, owner);
    }

    /** Watch the groups for the endpoint with this name. */
    public GroupWatch watch(String endpoint, GroupListener listener, Owner owner) {
        var watch = new GroupWatch(watches, endpoint, listener, owner);
        watches.add(watch);
        return watch;
    }

    /**
     * Change the rules of groups. A group keeps its rules if their framing would change.
     *
     * @param changed gives the rules of each group from now on, by its name and its rules until now
     */
    public void adopt(BiFunction<GroupId, GroupRules, GroupRules> changed) {
        for (var group : groups.values()) {
            var fresh = changed.apply(group.id(), group.rules());
            if (fresh != group.rules() && fresh.framing().equals(group.rules().framing())) {
                group.adopt(fresh);
            }
        }
    }

    /** Change how many groups peers may make. Groups that exist go on. */
    public void resize(int mostGroups) {
        shared.places().resize(mostGroups);
    }

    /** Change how many bytes all groups together may hold. If they hold too many, members that lag make room. */
    public void resizeQueues(long maxQueued) {
        shared.budget().resize(maxQueued);
        own.ifPresent(memory -> memory.resize(maxQueued));
        if (shared.budget().isScarce()) {
            shared.relief().begin();
        }
    }

    /** {@return how many members the group has in other processes, by their names, as far as those know who watch the groups} */
    public Map<String, Integer> elsewhere(GroupId id) {
        return watches.elsewhere(id);
    }

    /** Tell this listener from now on which members join and leave. */
    public void listener(MembershipListener listener) {
        shared.roster().listener(listener);
    }

    /** {@return how many bridges are in groups now; one that is in two groups counts twice} */
    public int bridges() {
        return shared.roster().bridges();
    }

    /** {@return what can be seen of all members and bridges now, in no particular order} */
    public Stream<MemberView> members() {
        return shared.roster().members().map(Seat::view);
    }

    /** {@return what can be seen of the slow members now, in no particular order; see {@link MemberView#isSlow}} */
    public Stream<MemberView> slow() {
        return shared.roster().members().filter(Seat::isSlow).map(Seat::view);
    }

    /** {@return how many bytes are queued now for each member that has any, in no particular order} */
    public LongStream queued() {
        return shared.roster()
                .members()
                .mapToLong(seat -> seat.queue().pendingBytes())
                .filter(bytes -> bytes > 0);
    }

    /** {@return what can be seen of one member now; empty if it has left} */
    public Optional<MemberView> member(long id) {
        return shared.roster().member(id).map(Seat::view);
    }

    /** Take a sample of all counts, from which the rates are made. Call about once a second, always on the same thread. */
    public void sample() {
        long nowNs = shared.nanoClock().getAsLong();
        shared.roster().members().forEach(seat -> seat.sample(nowNs));
        groups.values().forEach(group -> group.sample(nowNs));
    }

    /** {@return what can be seen of all groups now, in no particular order} */
    public Stream<GroupView> groups() {
        return groups.values().stream().map(Group::view);
    }

    /**
     * Close a member soon, on its owner's thread.
     *
     * @param id the number of the member
     * @return whether there is such a member
     */
    public boolean close(long id, Reason reason) {
        var seat = shared.roster().member(id);
        seat.ifPresent(found -> found.side().endSoon(found, reason));
        return seat.isPresent();
    }

    /** {@return the places for groups that peers name} */
    public Places places() {
        return shared.places();
    }

    /**
     * {@return a new tap of a group, whether or not the group exists now} The caller must pass the tap to {@link #untap} in the
     * end.
     */
    public Tap tap(GroupId id) {
        var tap = new Tap(id);
        taps.add(tap);
        groups.values().forEach(group -> group.taps(taps));
        return tap;
    }

    /** End a tap. */
    public void untap(Tap tap) {
        taps.remove(tap);
        groups.values().forEach(group -> group.taps(taps));
    }

    /** {@return the most bytes that all groups together may hold} */
    public long mostBytes() {
        return shared.budget().max();
    }

    /** {@return the bytes that all groups hold, by the capacity of their buffers} */
    public long heldBytes() {
        return shared.budget().held();
    }

    /** {@return the counters of messages left out, which belong to no single endpoint} */
    public Counters counters() {
        return shared.counters();
    }

    /**
     * Abandon the members of an owner that hangs, so that nothing waits for them any more. Bridges stay unless they share a side with
     * members, since nothing waits for them.
     *
     * @return their sides
     */
    public List<Side> abandon(Owner owner) {
        return abandon(owner, Side::isWaitedFor);
    }

    /**
     * Abandon everybody of an owner that has ended.
     *
     * @return their sides
     */
    public List<Side> abandonAll(Owner owner) {
        return abandon(owner, _ -> true);
    }

    private List<Side> abandon(Owner owner, Predicate<Side> which) {
        var sides = groups.values().stream()
                .flatMap(group -> Arrays.stream(group.sides()))
                .filter(side -> side.owner() == owner && which.test(side))
                .toList();
        sides.forEach(Side::abandon);
        return sides;
    }

    /** {@return the owners of members and publishers, except owners that run foreign code; some come more than once} */
    public Stream<Owner> ownersThatNeverHang() {
        return groups.values().stream()
                .flatMap(group -> Arrays.stream(group.sides()))
                .map(Side::owner)
                .filter(owner -> !(owner instanceof LoopOwner loop && loop.mayHang()));
    }

    /** {@return the timer for short checks} */
    public ScheduledExecutorService timer() {
        return shared.timer();
    }

    /** {@return the number of groups} */
    public int size() {
        return groups.size();
    }

    /** Stop all checks, at the end of the process. */
    @Override
    public void close() {
        shared.timer().shutdownNow();
    }

    /** Do this for each group, within its entry. */
    private void forEach(Consumer<Group> action) {
        groups.keySet().forEach(key -> within(key, action));
    }

    private void within(Key key, Consumer<Group> action) {
        groups.computeIfPresent(key, (_, group) -> {
            action.accept(group);
            return group;
        });
    }

    private Group hold(GroupId id, GroupRules rules) {
        return attended(groups.compute(new Key(id, rules.framing()), (_, existing) -> {
            var group = existing == null ? newGroup(id, rules) : existing;
            return held(group);
        }));
    }

    private Group held(Group group) {
        group.holders++;
        watches.attend(group);
        return group;
    }

    /** {@return the group, once those know of it that began to watch while the group was being made} */
    private Group attended(Group group) {
        if (watches.isUnattended(group)) {
            within(Key.of(group), watches::attend);
        }
        return group;
    }

    private Optional<Group> holdIfPlace(GroupId id, GroupRules rules) {
        var held = Optional.ofNullable(groups.compute(new Key(id, rules.framing()), (_, existing) -> {
            var group = existing;
            if (group == null) {
                group = newGroup(id, rules);
                group.hasPlace = !id.ofEndpoint() && shared.places().take();
                if (!group.hasPlace && !id.ofEndpoint()) {
                    return null;
                }
            }
            return held(group);
        }));
        held.ifPresent(this::attended);
        return held;
    }

    private Group newGroup(GroupId id, GroupRules rules) {
        var group = new Group(id, rules, shared);
        group.taps(taps);
        return group;
    }

    private void letGo(Group group) {
        groups.compute(Key.of(group), (_, existing) -> {
            if (--group.holders > 0) {
                return existing;
            }
            if (group.hasPlace) {
                shared.places().giveBack();
            }
            group.end();
            return null;
        });
    }
}
