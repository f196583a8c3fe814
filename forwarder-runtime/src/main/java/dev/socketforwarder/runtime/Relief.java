package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Owner;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Makes room when all groups together hold nearly as much as they may: in the group that holds most, the members that need its
 * oldest memory go, then those that need the next, and so on. Who needs what is known on the owners' threads alone, so that
 * is where they go; nobody waits for it.
 */
final class Relief {
    // An owner that ends drops its tasks: then the next one that takes memory begins anew.
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

    private final QueueBudget budget;
    private final Collection<Group> groups;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoClock;
    private final AtomicBoolean running = new AtomicBoolean();
    private final Set<Seat> departed = ConcurrentHashMap.newKeySet();
    private volatile long begunNs;
    // Somebody took too much while it ran.
    private volatile boolean asked;

    Relief(QueueBudget budget, Collection<Group> groups, ScheduledExecutorService timer, LongSupplier nanoClock) {
        this.budget = budget;
        this.groups = groups;
        this.timer = timer;
        this.nanoClock = nanoClock;
    }

    /** Begin, if it has not begun. Any thread; returns at once, since its caller is in the midst of something. */
    void begin() {
        if (running.get() && nanoClock.getAsLong() - begunNs > PATIENCE_NS) {
            running.set(false);
        }
        asked = true;
        if (running.compareAndSet(false, true)) {
            begunNs = nanoClock.getAsLong();
            asked = false; // whoever asked before this is helped by what begins here
            next(this::shedDeparted);
        }
    }

    /** One has left its group, and what is queued for it is written still. On its owner's thread, as {@link #gone}. */
    void departed(Seat seat) {
        departed.add(seat);
    }

    /** Nothing is queued for it any more. */
    void gone(Seat seat) {
        departed.remove(seat);
    }

    /** This owner hangs: nobody waits for what it should do. */
    void abandon(Owner owner) {
        departed.removeIf(seat -> seat.owner() == owner);
    }

    private void next(Runnable step) {
        try {
            timer.execute(step);
        } catch (RejectedExecutionException _) {
            // The process stops, and lets go of everything.
        }
    }

    /** Those that have left go first: whoever is still a member has more to lose. */
    private void shedDeparted() {
        var spent = new HashSet<Group>();
        var seats = List.copyOf(departed);
        var left = new AtomicInteger(1 + seats.size());
        Runnable done = () -> {
            if (left.decrementAndGet() == 0) {
                next(() -> shed(spent));
            }
        };
        for (var seat : seats) {
            seat.owner().execute(() -> {
                seat.endDeparted();
                done.run();
            });
        }
        done.run();
    }

    private void shed(Set<Group> spent) {
        var most = budget.isRelieved() ? Optional.<Group>empty() : most(spent);
        if (most.isEmpty()) {
            end();
            return;
        }
        var group = most.get();
        var sides = group.sides();
        // Whatever it still holds afterwards, nobody in it needs.
        spent.add(group);
        var left = new AtomicInteger(1 + sides.length);
        Runnable done = () -> {
            if (left.decrementAndGet() == 0) {
                next(() -> shed(spent));
            }
        };
        for (var side : sides) {
            side.owner().execute(() -> {
                side.shed(budget);
                done.run();
            });
        }
        done.run();
    }

    private void end() {
        running.set(false);
        // Where nobody took any more, going on would not help.
        if (asked && budget.isScarce()) {
            begin();
        }
    }

    private Optional<Group> most(Set<Group> spent) {
        return groups.stream()
                .filter(group -> !spent.contains(group) && group.memory().held() > 0)
                .max(Comparator.comparingLong(group -> group.memory().held()));
    }
}
