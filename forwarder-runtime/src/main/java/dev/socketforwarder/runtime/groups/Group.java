package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import dev.socketforwarder.runtime.groups.GroupRegistry.Shared;
import dev.socketforwarder.runtime.memory.GroupMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/**
 * One group, with a {@link Side} for each owner that has members in it. Most groups have one side; then a batch crosses
 * no thread and takes no lock.
 */
final class Group {
    /** Unfinished messages up to here may use the reserved memory, in bytes. */
    private static final int SMALL_MESSAGE = 16 << 10;

    /** Number of members and publishers; guarded by the registry's entry for this group. */
    int holders;

    /** Whether the group takes one of the places for groups; guarded by the registry's entry too. */
    boolean hasPlace;

    private final GroupId id;
    private final Shared shared;
    private volatile GroupRules rules;
    private final GroupMemory memory;
    private final Memory memoryOfUnfinished;
    private final Pacing pacing = new Pacing(this);
    private final Places members;
    // Replaced under this group's lock, read without it.
    private volatile Side[] sides = {};
    private volatile List<Tap> taps = List.of();
    private final List<Watched> watched = new ArrayList<>(0); // guarded by the registry's entry for this group
    private volatile List<GroupWatch> attended = List.of();
    private final Rate rateIn = new Rate();
    private final Rate rateOut = new Rate();
    private final Traffic ofGoneSides = new Traffic(); // guarded by this

    Group(GroupId id, GroupRules rules, Shared shared) {
        this.id = id;
        this.rules = rules;
        this.shared = shared;
        this.members = new Places(rules.members().most());
        this.memory = new GroupMemory(shared.memory(), shared.budget(), shared.relief()::begin);
        this.memoryOfUnfinished = memory.urgent(SMALL_MESSAGE);
    }

    GroupId id() {
        return id;
    }

    Shared shared() {
        return shared;
    }

    /** {@return the places for members} */
    Places members() {
        return members;
    }

    GroupRules rules() {
        return rules;
    }

    /** Put other rules in force, with the same framing. Each member keeps the member rules with which it came. */
    void adopt(GroupRules changed) {
        rules = changed;
        members.resize(changed.members().most());
        for (var side : sides) {
            side.owner().execute(side::adoptRules);
        }
    }

    GroupMemory memory() {
        return memory;
    }

    /**
     * {@return the memory for unfinished messages; small messages find room while members that lag hold all the rest, so that the
     * senders need not be closed}
     */
    Memory memoryOfUnfinished() {
        return memoryOfUnfinished;
    }

    Pacing pacing() {
        return pacing;
    }

    Side[] sides() {
        return sides;
    }

    /** From now on, copy what is published to those of {@code all} taps that are for this group. */
    void taps(Collection<Tap> all) {
        taps = all.stream().filter(tap -> tap.group().equals(id)).toList();
    }

    /** Offer what is being published to the taps; most groups have none. */
    void published(Batch batch) {
        var told = taps;
        if (!told.isEmpty()) {
            told.forEach(tap -> tap.offer(batch, rules));
        }
    }

    /**
     * Tell those of {@code watches} that do not know the group yet, and forget the others. Called within the registry's entry for this
     * group.
     */
    void attend(List<GroupWatch> watches) {
        if (attended == watches) {
            return;
        }
        boolean areAllTold = true;
        var before = List.copyOf(watched);
        watched.clear();
        for (var watch : watches) {
            var known = before.stream()
                    .filter(each -> each.watch() == watch)
                    .findFirst()
                    .or(() -> watch.of(this));
            known.ifPresent(watched::add);
            areAllTold &= known.isPresent();
        }
        before.stream().filter(each -> !watched.contains(each)).forEach(Watched::forget);
        attended = areAllTold ? watches : null;
    }

    /** {@return the watches that were told of the group; null if one of them will be told later} May be called by any thread. */
    List<GroupWatch> attended() {
        return attended;
    }

    /** Tell the watches that the group has ended. Called within the registry's entry for this group. */
    void end() {
        watched.forEach(known -> known.watch().owner().execute(known::end));
    }

    /** {@return the side of a listener's owner, which stays until {@link #awaitNoMore} even if nobody is on it} */
    synchronized Side await(GroupWatch watch) {
        var side = side(watch);
        side.awaited++;
        return side;
    }

    /** Let a side go as soon as nobody is on it. */
    synchronized void awaitNoMore(Side side) {
        side.awaited--;
    }

    Side side(Owner owner) {
        return side(owner, null);
    }

    /** {@return the side for the bridges of a listener} */
    Side side(GroupWatch watch) {
        return side(watch.owner(), watch.handed());
    }

    private synchronized Side side(Owner owner, Handed ofBridges) {
        for (var side : sides) {
            if (side.owner() == owner) {
                return side;
            }
        }
        var side = new Side(this, owner, ofBridges);
        var more = Arrays.copyOf(sides, sides.length + 1);
        more[sides.length] = side;
        sides = more;
        return side;
    }

    /**
     * Remove a side that nobody is on.
     *
     * @return whether nobody is awaited there either, so that the side is gone
     */
    synchronized boolean removeUnused(Side unused) {
        if (unused.awaited > 0) {
            return false;
        }
        remove(unused);
        return true;
    }

    synchronized void remove(Side gone) {
        if (Arrays.asList(sides).contains(gone)) {
            ofGoneSides.add(gone.traffic());
        }
        sides = Arrays.stream(sides).filter(side -> side != gone).toArray(Side[]::new);
    }

    private synchronized Traffic traffic() {
        var total = new Traffic();
        total.add(ofGoneSides);
        for (var side : sides) {
            total.add(side.traffic());
        }
        return total;
    }

    /** Take a sample of the counts, from which the rates are made. Called by one thread, whichever that is. */
    void sample(long nowNs) {
        var total = traffic();
        rateIn.sample(total.bytesIn(), nowNs);
        rateOut.sample(total.bytesOut(), nowNs);
    }

    /** {@return what can be seen of the group now} May be called by any thread. */
    synchronized GroupView view() {
        var total = traffic();
        return new GroupView(
                id,
                rules.framing(),
                members.taken(),
                total.bytesIn(),
                total.bytesOut(),
                rateIn.perSecond(),
                rateOut.perSecond(),
                total.leftOut(),
                memory.held(),
                pacing.cause());
    }

    /** Hand a batch over to all sides but its own, with one copy for all of them. */
    void handOver(Side from, Batch batch, boolean pausable) {
        var all = sides;
        if (all.length == 1 && all[0] == from) {
            return;
        }
        try {
            var kept = from.outgoing().keep(batch);
            for (var side : all) {
                if (side != from) {
                    side.inbox().offer(from, kept, pausable);
                }
            }
            kept.release();
            from.outgoing().trim();
        } catch (OutOfQueueException _) {
            for (var side : all) {
                if (side != from) {
                    side.inbox().lose(from, batch, pausable);
                }
            }
        }
    }
}
