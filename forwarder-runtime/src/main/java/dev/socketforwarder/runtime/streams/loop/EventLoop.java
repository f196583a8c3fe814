package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.runtime.groups.LoopOwner;
import dev.socketforwarder.runtime.streams.wire.TlsScratch;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thread with its selector: the owner of listeners, of connections that shake hands, and of the members of the groups
 * placed here.
 *
 * <p>A turn: sockets (accept, shake hands, write what waited, note who can be read), then group by group read, publish and
 * flush (see {@link GroupTurns}), then deadlines (see {@link Expiry}), then tasks of other threads, then flush what those
 * delivered. The wait at the start of the next turn is until the nearest deadline, or for ever.
 */
public final class EventLoop implements LoopOwner {
    private static final Logger LOG = System.getLogger(EventLoop.class.getName());

    private static final int TASKS_PER_TURN = 1_000;

    /** After so many it is looked whether they take long: one may be for ten thousand members. */
    private static final int TASKS_AT_ONCE = 8;

    private static final long TASKS_NS = 2_000_000;

    private static final long SELECT_NS = 5_000_000;

    /** What is registered with the selector. */
    public interface Selectable {
        /** {@return the loop that it is registered with} */
        EventLoop loop();

        /** Do what the channel is ready for. Throws nothing that a peer could cause. */
        void onReady(SelectionKey key);

        /** Close after an error of ours. */
        void onFailure();
    }

    /** Members placed here; read by any thread. */
    final AtomicInteger members = new AtomicInteger();

    private final Deadlines deadlines = new Deadlines();
    private final ResetProbe resets = new ResetProbe(deadlines);
    private final Expiry expiry = new Expiry(deadlines);
    private final GroupTurns groups = new GroupTurns(this, expiry);
    private final LoopTimes times = new LoopTimes();
    private final Selector selector;
    private final TaskQueue tasks;
    private final Thread thread;
    private final Consumer<SelectionKey> onReady = this::onReady; // made once, not each turn
    private volatile boolean running = true;

    private TlsScratch tlsScratch; // null: no TLS here yet

    EventLoop(int index) throws IOException {
        selector = Selector.open();
        tasks = new TaskQueue(selector::wakeup);
        thread = Thread.ofPlatform().name("event-loop-" + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Let go of one that never started. */
    void discard() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing a selector", e);
        }
    }

    /** End the thread and wait for it. All channels are closed by then. Any other thread. */
    void stop() {
        execute(() -> running = false);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.execute(task);
    }

    @Override
    public void executeAfterReading(Runnable check) {
        tasks.execute(() -> deadlines.in(0, check));
    }

    @Override
    public boolean mayHang() {
        return false;
    }

    /** Run it now if this is the loop's thread, else hand it over. */
    public void executeHere(Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            tasks.execute(task);
        }
    }

    /** Run it later on this loop's thread: if it fails, it costs this one alone. Any thread. */
    public void execute(Selectable selectable, Runnable task) {
        tasks.execute(() -> attempt(selectable, task));
    }

    /** Run it: if it fails, it costs this one alone. On this loop's thread. */
    public void attempt(Selectable selectable, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            fail(selectable, e);
        }
    }

    /** {@return how long the loop works and forwards} Any thread. */
    public LoopTimes times() {
        return times;
    }

    /** {@return the name of the loop's thread} Any thread. */
    public String name() {
        return thread.getName();
    }

    public Selector selector() {
        return selector;
    }

    /** {@return how many members are placed here. Any thread} */
    public int memberCount() {
        return members.get();
    }

    /** {@return what is to happen on this loop's thread, and when} */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** Find out whether this member is reset, from now on and as long as it waits for nothing. */
    public void probeForReset(LoopMember member) {
        resets.watch(member);
    }

    /** A buffer for bytes that are used before anything else is read. */
    public ByteBuffer scratch() {
        return groups.scratch();
    }

    /** {@return the buffers of its TLS connections, for its own thread} */
    public TlsScratch tlsScratch() {
        if (tlsScratch == null) {
            tlsScratch = new TlsScratch();
        }
        return tlsScratch;
    }

    private void run() {
        try (selector) {
            while (running) {
                select();
                times.begin();
                resets.end();
                expiry.polled();
                boolean isForwarding = groups.areReady();
                groups.serve();
                expiry.expire();
                runTasks();
                groups.flush();
                times.end(isForwarding);
            }
        } catch (IOException | ClosedSelectorException e) {
            LOG.log(Level.ERROR, thread.getName() + " cannot wait for its sockets and ends", e);
        }
    }

    /** Find out who is ready, everybody if that does not take long: behind thousands of one group there may be another's. */
    private void select() throws IOException {
        boolean waits = !expiry.isDue() && !resets.isRunning() && !groups.areReady();
        int found = waits ? selector.select(onReady, deadlines.millisToNext()) : selector.selectNow(onReady);
        if (found > GroupTurns.READS) {
            long begunNs = System.nanoTime();
            do {
                found = selector.selectNow(onReady);
            } while (found > GroupTurns.READS && System.nanoTime() - begunNs < SELECT_NS);
        }
    }

    private void runTasks() {
        long begunNs = System.nanoTime();
        int left = TASKS_PER_TURN;
        do {
            tasks.drain(TASKS_AT_ONCE);
            left -= TASKS_AT_ONCE;
        } while (left > 0 && !tasks.isEmpty() && System.nanoTime() - begunNs < TASKS_NS);
    }

    private void onReady(SelectionKey key) {
        times.begin();
        var selectable = (Selectable) key.attachment();
        try {
            selectable.onReady(key);
        } catch (RuntimeException | Error e) {
            fail(selectable, e);
        }
    }

    /** End it after an error of ours, or of a transport that still touches what it gave away. The others live on. */
    void fail(Selectable selectable, Throwable thrown) {
        Fatal.rethrow(thrown);
        LOG.log(Level.WARNING, "An error of the forwarder's own, or of a transport, ends " + selectable, thrown);
        try {
            selectable.onFailure();
        } catch (RuntimeException | Error another) {
            Fatal.rethrow(another);
            LOG.log(Level.WARNING, selectable + " could not be ended", another);
        }
    }

    /** Read this member in this turn or the next, after those noted before. */
    public void ready(LoopMember member) {
        groups.ready(member);
    }

    /** Flush this member before the turn ends. */
    public void unflushed(LoopMember member) {
        groups.unflushed(member);
    }
}
