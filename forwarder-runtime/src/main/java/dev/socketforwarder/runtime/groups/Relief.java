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
 * Makes room when all groups together hold nearly as much as they may. {@link Shares} decides which members go first.
 * Only the owners' threads know what their members need, so a round asks each owner, and then lets it close members.
 * Nothing waits for a round.
 */
final class Relief {
    // An owner that ends drops its tasks, and with them a round. After this time another round may begin beside the
    // first. Two rounds do no harm: each round asks anew before it closes members, and a member is closed once.
    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(2);

    private final QueueBudget budget;
    private final Collection<Group> groups;
    private final ScheduledExecutorService timer;
    private final LongSupplier nanoClock;
    private final AtomicBoolean running = new AtomicBoolean();
    private final Set<Seat> departed = ConcurrentHashMap.newKeySet();
    private volatile long begunNs;
    // Memory was scarce again since the round began.
    private volatile boolean asked;

    Relief(QueueBudget budget, Collection<Group> groups, ScheduledExecutorService timer, LongSupplier nanoClock) {
        this.budget = budget;
        this.groups = groups;
        this.timer = timer;
        this.nanoClock = nanoClock;
    }

    /**
     * Begin a round unless one is under way. May be called by any thread, and returns at once, since the caller is in
     * the middle of its own work.
     */
    void begin() {
        if (running.get() && nanoClock.getAsLong() - begunNs > PATIENCE_NS) {
            running.set(false);
        }
        asked = true;
        if (running.compareAndSet(false, true)) {
            begunNs = nanoClock.getAsLong();
            asked = false; // this round serves all requests before it
            next(this::shedDeparted);
        }
    }

    /**
     * Note a member that has left its group while its queue is still flushed. Called on its owner's thread, like {@link
     * #gone}.
     */
    void departed(Seat seat) {
        departed.add(seat);
    }

    /** Note that nothing is queued for the departed member any more. */
    void gone(Seat seat) {
        departed.remove(seat);
    }

    /** Forget the departed members of an owner that hangs. */
    void abandon(Owner owner) {
        departed.removeIf(seat -> seat.owner() == owner);
    }

    private void next(Runnable step) {
        try {
            timer.execute(step);
        } catch (RejectedExecutionException _) {
            // The process stops and releases everything.
        }
    }

    /** Let each owner do its part on its own thread, and continue when all have. */
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

    /** Close departed members first, since those still in a group have more to lose. */
    private void shedDeparted() {
        var byOwner = departed.stream().collect(Collectors.groupingBy(Seat::owner));
        onOwners(byOwner, seats -> seats.forEach(Seat::endDeparted), this::ask);
    }

    /** Ask the owners what their members need. */
    private void ask() {
        if (budget.isRelieved()) {
            end();
            return;
        }
        var needs = new ConcurrentLinkedQueue<Need>();
        var byOwner = groups.stream()
                .filter(group -> group.memory().held() > 0)
                .flatMap(group -> Arrays.stream(group.sides()))
                .filter(Relief::answers)
                .collect(Collectors.groupingBy(Side::owner));
        onOwners(byOwner, sides -> sides.forEach(side -> side.tellNeeds(needs::add)), () -> shed(needs));
    }

    /** {@return whether the side's owner runs the tasks of a round; nobody is left on the sides of others but bridges} */
    private static boolean answers(Side side) {
        return !(side.owner() instanceof LoopOwner loop) || loop.isRunning();
    }

    private void shed(Collection<Need> needs) {
        var going = new Shares(needs).first(budget.excess());
        if (going.isEmpty()) {
            end(); // no member of a group needs what is still held
            return;
        }
        var byOwner = going.stream().collect(Collectors.groupingBy(Seat::owner));
        onOwners(byOwner, seats -> seats.forEach(Seat::shed), this::ask);
    }

    private void end() {
        running.set(false);
        // If no member took memory since, another round would not help.
        if (asked && budget.isScarce()) {
            begin();
        }
    }
}
