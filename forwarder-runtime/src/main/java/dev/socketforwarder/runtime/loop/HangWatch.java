package dev.socketforwarder.runtime.loop;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.Side;
import dev.socketforwarder.runtime.text.Values;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Looks from outside whether a plugin's code holds its endpoint's loop up, in one turn for longer than {@code stall-timeout}. It
 * looks only after somebody wanted something of the loop: one that nobody wants anything of hurts nobody.
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
    private volatile long busySinceNs; // 0: it waits
    /** It was told so; who was on it is abandoned. */
    private volatile boolean hangs;

    HangWatch(EndpointThread loop, GroupRegistry groups, Duration limit) {
        this.loop = loop;
        this.groups = groups;
        this.limit = limit;
    }

    /** A turn begins. On the loop's thread. */
    void turnBegins() {
        busySinceNs = System.nanoTime() | 1; // never 0
    }

    /** It ends. On the loop's thread. */
    void turnEnds() {
        recover();
        busySinceNs = 0;
    }

    /** If it hung, close the members that everybody else has given up. On the loop's thread, as soon as it goes on. */
    void recover() {
        if (!hangs) {
            return;
        }
        endAbandoned(Reason.STALLED);
        hangs = false;
        LOG.log(Level.WARNING, "The loop of " + loop + " goes on; whoever was on it is closed");
    }

    /**
     * The loop is to run no more: nobody waits for whoever is still on it. Any thread. The loop's own calls it last, to close
     * them with {@link #endAbandoned}.
     */
    synchronized void abandon() {
        abandoned.addAll(groups.abandon(loop));
    }

    /** Close the members that are given up. On the loop's thread. */
    void endAbandoned(Reason reason) {
        Side side;
        while ((side = abandoned.poll()) != null) {
            side.endAbandoned(reason);
        }
    }

    /** Somebody wants something of the loop. Any thread. */
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
            // The process stops: its grace period bounds everybody.
        }
    }

    /** On the timer's thread. */
    private void check(long dueNs) {
        checkDue.set(false);
        long since = busySinceNs;
        if (since == 0 || hangs || loop.hasEnded()) {
            return;
        }
        long leftNs = limit.toNanos() - (System.nanoTime() - since);
        if (leftNs <= 0 && System.nanoTime() - dueNs > LATE_NS) {
            leftNs = MORE_NS; // the whole process was paused, perhaps, and the loop not held up
        }
        if (leftNs > 0) {
            checkLater(leftNs);
            return;
        }
        abandon();
        hangs = true;
        loop.execute(this::recover); // its turn may have ended just before, and it sleeps
        loop.closeConnections();
        LOG.log(
                Level.WARNING,
                "The loop of " + loop + " was held up for " + Values.shown(limit) + ", in " + place()
                        + "; its members are closed, and nobody waits for them");
    }

    /** {@return where the thread is, as far as it is not the JDK's code} */
    private String place() {
        return Arrays.stream(loop.thread().getStackTrace())
                .filter(frame -> frame.getModuleName() == null
                        || !frame.getModuleName().startsWith("java.")
                                && !frame.getModuleName().startsWith("jdk."))
                .findFirst()
                .map(StackTraceElement::toString)
                .orElse("nothing of its own");
    }
}
