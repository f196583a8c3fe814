package dev.socketforwarder.transport.nats;

import io.nats.client.Dispatcher;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Subscribes to the subjects of all groups that have members here. The loop says what it wants and never waits; one thread carries
 * that out, since the NATS client may hold up a subscription while the server does not read. Thread-safe.
 */
final class Subscriptions {
    private static final long RETRY_MS = 100;

    private final ScheduledExecutorService thread;
    private final Set<String> wanted = ConcurrentHashMap.newKeySet();
    private final Set<String> changed = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isScheduled = new AtomicBoolean();

    // Used on the thread alone.
    private final Set<String> present = new HashSet<>();
    private Dispatcher dispatcher; // null before the first connection

    Subscriptions(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    void add(String subject) {
        wanted.add(subject);
        change(subject);
    }

    void remove(String subject) {
        wanted.remove(subject);
        change(subject);
    }

    /** Make all subscriptions on a new connection. */
    void use(Dispatcher made) {
        thread.execute(() -> {
            dispatcher = made;
            present.clear();
            changed.addAll(wanted);
            carryOut();
        });
    }

    void close() {
        thread.shutdownNow();
    }

    private void change(String subject) {
        changed.add(subject);
        schedule(0);
    }

    private void schedule(long delayMs) {
        if (!isScheduled.getAndSet(true)) {
            try {
                thread.schedule(this::carryOut, delayMs, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException _) {
                // The endpoint stops.
            }
        }
    }

    private void carryOut() {
        isScheduled.set(false); // first: a change from here on schedules another look
        if (dispatcher == null) {
            changed.clear(); // use() makes all subscriptions
            return;
        }
        for (var all = changed.iterator(); all.hasNext(); ) {
            var subject = all.next();
            all.remove(); // first, for the same reason
            try {
                apply(subject);
            } catch (IllegalStateException _) {
                // The client has no room now, or its connection ended and another one comes.
                changed.add(subject);
                schedule(RETRY_MS);
                return;
            }
        }
    }

    private void apply(String subject) {
        boolean isWanted = wanted.contains(subject);
        if (isWanted == present.contains(subject) || !dispatcher.isActive()) {
            return;
        }
        if (isWanted) {
            dispatcher.subscribe(subject);
            present.add(subject);
        } else {
            dispatcher.unsubscribe(subject);
            present.remove(subject);
        }
    }
}
