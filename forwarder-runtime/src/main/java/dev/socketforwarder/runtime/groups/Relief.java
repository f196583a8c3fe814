package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.runtime.memory.QueueBudget;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Makes room when all groups together hold nearly as much as they may, as {@link Shares} says who goes first. Who needs what is
 * known on the owners' threads alone: they are asked, and there members go. Nobody waits for it.
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

    /** Let each owner do its part on its own thread, and go on when all have. */
    private <T> void onOwners(Map<Owner, List<T>> parts, Consumer<List<T>> part, Runnable then) {
        var left = new AtomicInteger(1 + parts.size());
        Runnable done = () -> {
            if (left.decrementAndGet() == 0) {
                next(then);
            }
        };
        parts.forEach((owner, mine) -> owner.execute(() -> {
            part.accept(mine);
            done.run();
        }));
        done.run();
    }

    /** Those that have left go first: whoever is still a member has more to lose. */
    private void shedDeparted() {
        var byOwner = departed.stream().collect(Collectors.groupingBy(Seat::owner));
        onOwners(byOwner, seats -> seats.forEach(Seat::endDeparted), this::ask);
    }

    /** Ask who needs what. */
    private void ask() {
        if (budget.isRelieved()) {
            end();
            return;
        }
        var needs = new ConcurrentLinkedQueue<Need>();
        var byOwner = groups.stream()
                .filter(group -> group.memory().held() > 0)
                .flatMap(group -> Arrays.stream(group.sides()))
                .collect(Collectors.groupingBy(Side::owner));
        onOwners(byOwner, sides -> sides.forEach(side -> side.tellNeeds(needs::add)), () -> shed(needs));
    }

    private void shed(Collection<Need> needs) {
        var going = new Shares(needs).first(budget.excess());
        if (going.isEmpty()) {
            end(); // whatever is held still, nobody in a group needs
            return;
        }
        var byOwner = going.stream().collect(Collectors.groupingBy(Seat::owner));
        onOwners(byOwner, seats -> seats.forEach(Seat::shed), this::ask);
    }

    private void end() {
        running.set(false);
        // Where nobody took any more, going on would not help.
        if (asked && budget.isScarce()) {
            begin();
        }
    }
}
