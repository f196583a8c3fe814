package dev.socketforwarder.runtime.logging;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.process.FatalErrors;
import dev.socketforwarder.runtime.text.Addresses;
import dev.socketforwarder.runtime.text.Printable;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Logs refused peers and dropped input. The first case is logged at once. For each minute in which cases continue, one
 * more line tells how many. Each endpoint, reason and source is counted apart.
 *
 * <p>The number of remembered sources is bounded. All others share one entry per endpoint and reason, so an attacker
 * with many addresses can fill neither the memory nor the log. Thread-safe.
 */
public final class RefusalLog implements AutoCloseable {
    private static final FieldLog LOG = new FieldLog(RefusalLog.class);
    private static final long MINUTE_NS = Duration.ofMinutes(1).toNanos();
    private static final int MOST_SOURCES = 1_000;

    /** Runs a task after a delay in nanoseconds. */
    @FunctionalInterface
    interface Timer {
        void after(long delayNs, Runnable task);
    }

    /** @param source an address without its port, a server, or {@code OTHERS} */
    private record Key(String endpoint, Reason reason, Object source) {
        String describe() {
            return endpoint + verb(reason) + text(source) + ": " + reason;
        }

        Map<String, Object> fields() {
            var fields = new LinkedHashMap<String, Object>();
            fields.put("endpoint", endpoint);
            fields.put("peer", text(source));
            fields.put("reason", reason.label());
            return fields;
        }

        Level level() {
            return reason == Reason.PROBE ? Level.DEBUG : Level.INFO;
        }
    }

    /** {@return what is done to a peer for this reason, between blanks} */
    public static String verb(Reason reason) {
        if (reason == Reason.CONNECT_FAILED) {
            return " cannot reach ";
        }
        return reason.isMembersFault() ? " closed " : " refused ";
    }

    private static final class Entry {
        private final long startNs;
        private long repetitions;

        Entry(long startNs) {
            this.startNs = startNs;
        }
    }

    private static final String OTHERS = "further sources";

    /** Takes the lines. */
    @FunctionalInterface
    interface Out {
        void log(Level level, String text, Map<String, Object> fields);
    }

    /** Learns of every refusal, also of those that the log only counts. Called by any thread; must return soon. */
    @FunctionalInterface
    public interface Listener {
        /**
         * A peer was refused, or its input dropped.
         *
         * @param source its address without the port, or the server that could not be reached
         * @param port the peer's port; 0 if it has none
         * @param offending valid during the call; not to be moved
         */
        void refused(String endpoint, Reason reason, String source, int port, String detail, ByteBuffer offending);
    }

    private volatile Listener listener = (_, _, _, _, _, _) -> {};
    private final Out out;
    private final LongSupplier nanoClock;
    private final Timer timer;
    private final Runnable stopTimer;

    // Guarded by itself; in the order in which their minutes end.
    private final Map<Key, Entry> entries = new LinkedHashMap<>();

    /** Make a refusal log that writes to the log. */
    public RefusalLog() {
        var threads = Thread.ofPlatform().name("refusal-log").daemon().factory();
        var executor = new ScheduledThreadPoolExecutor(1, threads); // its thread starts with the first refusal
        // A connection may be refused during the stop; its minute never ends.
        executor.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        this.out = LOG::log;
        this.nanoClock = System::nanoTime;
        this.timer = (delayNs, task) -> executor.schedule(() -> guarded(task), delayNs, TimeUnit.NANOSECONDS);
        this.stopTimer = executor::shutdownNow;
    }

    RefusalLog(Out out, LongSupplier nanoClock, Timer timer) {
        this.stopTimer = () -> {};
        this.out = out;
        this.nanoClock = nanoClock;
        this.timer = timer;
    }

    /** Run the task. An executor would swallow what it throws. */
    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | Error e) {
            FatalErrors.uncaught(Thread.currentThread(), e);
        }
    }

    /** Tell this listener of every refusal from now on. */
    public void listener(Listener told) {
        listener = told;
    }

    /** Log the refusal, or count it. */
    public void report(String endpoint, Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        Object from = source instanceof InetSocketAddress ip && ip.getAddress() != null ? ip.getAddress() : source;
        var key = new Key(endpoint, reason, from);
        boolean isFirst = false;
        synchronized (entries) {
            var entry = entries.get(key);
            if (entry == null && entries.size() >= MOST_SOURCES) {
                key = new Key(endpoint, reason, OTHERS);
                entry = entries.get(key);
            }
            if (entry == null) {
                begin(key);
                isFirst = true;
            } else {
                entry.repetitions++;
            }
        }
        if (isFirst) {
            logFirst(key, source, detail, offending);
        }
        int port = from instanceof InetAddress ? ((InetSocketAddress) source).getPort() : 0;
        listener.refused(endpoint, reason, text(from), port, detail, offending);
    }

    private static String text(Object source) {
        return switch (source) {
            case InetAddress ip -> AddressText.of(ip);
            case SocketAddress address -> Addresses.shown(address);
            default -> source.toString();
        };
    }

    private void logFirst(Key key, SocketAddress source, String detail, ByteBuffer offending) {
        var line = new StringBuilder(key.describe());
        var fields = key.fields();
        if (key.source() instanceof InetAddress && source instanceof InetSocketAddress ip && ip.getPort() != 0) {
            line.append(" (port ").append(ip.getPort()).append(')');
            fields.put("port", ip.getPort());
        }
        if (!detail.isEmpty()) {
            line.append(", ").append(detail);
            fields.put("detail", detail);
        }
        if (offending.hasRemaining()) {
            line.append(": ").append(Printable.quoted(offending));
            fields.put("bytes", Printable.quoted(offending));
        }
        out.log(key.level(), line.toString(), fields);
    }

    private void begin(Key key) {
        long now = nanoClock.getAsLong();
        if (entries.isEmpty()) {
            timer.after(MINUTE_NS, this::endMinutes);
        }
        entries.put(key, new Entry(now));
    }

    private record Line(Level level, String text, Map<String, Object> fields) {}

    /** Log the counts of the minutes that are over. */
    private void endMinutes() {
        var lines = new ArrayList<Line>();
        synchronized (entries) {
            long now = nanoClock.getAsLong();
            for (var key : List.copyOf(entries.keySet())) {
                var entry = entries.get(key);
                if (now - entry.startNs < MINUTE_NS) {
                    break; // later entries are younger
                }
                entries.remove(key);
                if (entry.repetitions > 0) {
                    lines.add(repetitions(key, entry));
                    // A source that continues gets another minute before its next line.
                    entries.put(key, new Entry(now));
                }
            }
            if (!entries.isEmpty()) {
                long oldest = entries.values().iterator().next().startNs;
                timer.after(Math.max(1, MINUTE_NS - (now - oldest)), this::endMinutes);
            }
        }
        lines.forEach(line -> out.log(line.level(), line.text(), line.fields()));
    }

    private static Line repetitions(Key key, Entry entry) {
        var fields = key.fields();
        fields.put("count", entry.repetitions);
        return new Line(
                key.level(),
                key.describe() + " (and " + entry.repetitions + " more like it in the last minute)",
                fields);
    }

    /** Log the counts not yet logged, and stop counting; for the end of the process. */
    @Override
    public void close() {
        stopTimer.run();
        var lines = new ArrayList<Line>();
        synchronized (entries) {
            entries.forEach((key, entry) -> {
                if (entry.repetitions > 0) {
                    lines.add(repetitions(key, entry));
                }
            });
            entries.clear();
        }
        lines.forEach(line -> out.log(line.level(), line.text(), line.fields()));
    }
}
