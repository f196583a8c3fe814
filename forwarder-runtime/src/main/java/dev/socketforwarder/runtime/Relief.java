package dev.socketforwarder.runtime;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Makes room when all groups together hold more than they may: in the group that holds most, the members that need its
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
    private volatile long begunNs;

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
        if (running.compareAndSet(false, true)) {
            begunNs = nanoClock.getAsLong();
            next(new HashSet<>());
        }
    }

    private void next(Set<Group> spent) {
        try {
            timer.execute(() -> shed(spent));
        } catch (RejectedExecutionException _) {
            // The process stops, and lets go of everything.
        }
    }

    private void shed(Set<Group> spent) {
        var most = budget.isRelieved() ? Optional.<Group>empty() : most(spent);
        if (most.isEmpty()) {
            running.set(false);
            return;
        }
        var group = most.get();
        var sides = group.sides();
        // Whatever it still holds afterwards, nobody in it needs.
        spent.add(group);
        var left = new AtomicInteger(sides.length);
        for (var side : sides) {
            side.owner().execute(() -> {
                side.shed(budget);
                if (left.decrementAndGet() == 0) {
                    next(spent);
                }
            });
        }
        if (sides.length == 0) {
            next(spent);
        }
    }

    private Optional<Group> most(Set<Group> spent) {
        return groups.stream()
                .filter(group -> !spent.contains(group) && group.memory().held() > 0)
                .max(Comparator.comparingLong(group -> group.memory().held()));
    }
}
