package dev.socketforwarder.runtime.loop;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.Side;
import dev.socketforwarder.runtime.process.CodePlace;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Checks from another thread whether a plugin's code holds up its endpoint's loop, in one turn, for longer than {@code
 * stall-timeout}. The watch checks only after a task was left for the loop, since a loop that nothing waits for does no
 * harm.
 */
final class HangWatch {
    private static final Logger LOG = System.getLogger(HangWatch.class.getName());

    private static final long LATE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MORE_NS = TimeUnit.SECONDS.toNanos(2);

    private final EndpointThread loop;
    private final GroupRegistry groups;
    private final Duration limit;
    private final AtomicBoolean checkDue = new AtomicBoolean();
    private final Queue<Side> abandoned = new ConcurrentLinkedQueue<>();
    private volatile long busySinceNs; // 0 while the loop waits
    /** Whether the loop was found hanging and its members were abandoned. */
    private volatile boolean hangs;

    HangWatch(EndpointThread loop, GroupRegistry groups, Duration limit) {
        this.loop = loop;
        this.groups = groups;
        this.limit = limit;
    }

    /** Note that a turn begins. Called on the loop's thread. */
    void turnBegins() {
        busySinceNs = System.nanoTime() | 1; // never 0
    }

    /** Note that the turn ends. Called on the loop's thread. */
    void turnEnds() {
        recover();
        busySinceNs = 0;
    }

    /** If the loop hung, close its abandoned members. Called on the loop's thread as soon as it continues. */
    void recover() {
        if (!hangs) {
            return;
        }
        endAbandoned(Reason.STALLED);
        hangs = false;
        LOG.log(Level.WARNING, "The loop of " + loop + " runs again; its members are closed");
    }

    /** {@return whether the loop hangs, as far as is known} May be called by any thread. */
    boolean hangs() {
        return hangs;
    }

    /**
     * Let nothing wait for the loop's members and bridges any more, since the loop ends. May be called by any thread. The loop's own
     * thread calls it last, and then closes the members with {@link #endAbandoned}.
     */
    synchronized void abandonAll() {
        abandoned.addAll(groups.abandonAll(loop));
    }

    private synchronized void abandon() {
        abandoned.addAll(groups.abandon(loop));
    }

    /** Close the abandoned members. Called on the loop's thread. */
    void endAbandoned(Reason reason) {
        Side side;
        while ((side = abandoned.poll()) != null) {
            side.endAbandoned(reason);
        }
    }

    /** Note that a task was left for the loop. May be called by any thread. */
    void asked() {
        checkLater(limit.toNanos());
    }

    private void checkLater(long delayNs) {
        if (checkDue.get() || !checkDue.compareAndSet(false, true)) {
            return;
        }
        long dueNs = System.nanoTime() + delayNs;
        try {
            groups.timer().schedule(() -> check(dueNs), delayNs, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The process stops, and its grace period bounds every wait.
        }
    }

    /** Runs on the timer's thread. */
    private void check(long dueNs) {
        checkDue.set(false);
        long since = busySinceNs;
        if (since == 0 || hangs || loop.hasEnded()) {
            return;
        }
        long leftNs = limit.toNanos() - (System.nanoTime() - since);
        if (leftNs <= 0 && System.nanoTime() - dueNs > LATE_NS) {
            leftNs = MORE_NS; // perhaps the whole process was paused, not only the loop
        }
        if (leftNs > 0) {
            checkLater(leftNs);
            return;
        }
        abandon();
        hangs = true;
        loop.execute(this::recover); // wakes the loop in case its turn has just ended
        loop.closeConnections();
        LOG.log(
                Level.WARNING,
                "The loop of " + loop + " has been blocked for " + Values.shown(limit) + ", in "
                        + CodePlace.of(loop.thread()) + "; its members are closed, and no other member waits for them");
    }
}
