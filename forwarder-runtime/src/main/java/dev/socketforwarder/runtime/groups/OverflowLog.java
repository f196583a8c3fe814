package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.runtime.logging.OnceAMinute;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Logs, at most once a minute, that messages are left out for an owner that does not keep up, and since when the owner
 * has taken nothing. Thread-safe.
 */
final class OverflowLog {
    private static final Logger LOG = System.getLogger(OverflowLog.class.getName());

    private final LongSupplier nanoClock;
    private final Consumer<String> warnings;
    private final AtomicLong unsaid = new AtomicLong();
    private final OnceAMinute lines;

    OverflowLog(LongSupplier nanoClock) {
        this(nanoClock, line -> LOG.log(Level.WARNING, line));
    }

    /** Make a log that passes its lines to {@code warnings}. */
    OverflowLog(LongSupplier nanoClock, Consumer<String> warnings) {
        this.nanoClock = nanoClock;
        this.warnings = warnings;
        this.lines = new OnceAMinute(nanoClock);
    }

    /**
     * Note that messages were left out.
     *
     * @param waitingBytes how much the owner has not taken yet
     * @param sinceNs since when it has taken nothing
     */
    void leftOut(GroupId group, long messages, long waitingBytes, long sinceNs) {
        unsaid.addAndGet(messages);
        if (!lines.isDue()) {
            return;
        }
        warnings.accept("Group " + group + ": " + unsaid.getAndSet(0)
                + " messages are left out for all members of a thread that does not keep up (owner-full): the thread has taken nothing for "
                + TimeUnit.NANOSECONDS.toMillis(nanoClock.getAsLong() - sinceNs) + " ms, and " + waitingBytes
                + " bytes wait for it");
    }
}
