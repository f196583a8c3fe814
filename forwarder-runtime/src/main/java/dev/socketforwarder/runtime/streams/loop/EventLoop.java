package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.runtime.groups.LoopOwner;
import dev.socketforwarder.runtime.logging.OnceAMinute;
import dev.socketforwarder.runtime.streams.wire.TlsScratch;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thread with its selector, which owns listeners, connections that shake hands, and the members of the groups
 * placed on this loop.
 *
 * <p>A turn has five steps. First, the loop serves sockets: it accepts, shakes hands, writes what waited, and notes
 * which members can be read. Second, it reads, publishes and flushes group by group (see {@link GroupTurns}). Third,
 * deadlines pass (see {@link Expiry}). Fourth, tasks of other threads run. Fifth, the loop flushes what those tasks
 * delivered. At the start of the next turn the loop waits until the nearest deadline, or for ever if there is none.
 */
public final class EventLoop implements LoopOwner {
    private static final Logger LOG = System.getLogger(EventLoop.class.getName());

    private static final int TASKS_PER_TURN = 1_000;

    /** How many tasks run between two looks at the clock: a single task may serve ten thousand members. */
    private static final int TASKS_AT_ONCE = 8;

    private static final long TASKS_NS = 2_000_000;

    private static final long SELECT_NS = 5_000_000;

    /** An object that is registered with a loop's selector. */
    public interface Selectable {
        /** {@return the loop with whose selector this object is registered} */
        EventLoop loop();

        /** Do what the channel is ready for. Throw nothing that a peer could cause. */
        void onReady(SelectionKey key);

        /** Close this object after an error in the forwarder. */
        void onFailure();
    }

    /** How many members are placed on this loop; read by any thread. */
    final AtomicInteger members = new AtomicInteger();

    private final Deadlines deadlines = new Deadlines();
    private final ResetProbe resets = new ResetProbe(deadlines);
    private final Expiry expiry = new Expiry(deadlines);
    private final GroupTurns groups;
    private final LoopTimes times = new LoopTimes();
    private final Selector selector;
    private final TaskQueue tasks;
    private final Thread thread;
    private final Consumer<SelectionKey> onReady = this::onReady; // made once, instead of once a turn
    /** The owners that have to be woken. A woken thread may take a processor from the write that comes next. */
    private final ArrayList<LoopOwner> toWake = new ArrayList<>();

    private final OnceAMinute traces = new OnceAMinute(System::nanoTime);
    private int untold; // failures since the last trace

    private volatile boolean running = true;

    private TlsScratch tlsScratch; // null: no connection of this loop has used TLS yet

    EventLoop(int index, Duration groupTime) throws IOException {
        groups = new GroupTurns(this, expiry, groupTime);
        selector = Selector.open();
        tasks = new TaskQueue(this::wake);
        thread = Thread.ofPlatform().name("event-loop-" + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Release the resources of a loop that was never started. */
    void discard() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close a selector", e);
        }
    }

    /** End the thread and wait for its end. All channels are closed before. Called by any other thread. */
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
    public boolean leave(Runnable task) {
        return tasks.leave(task);
    }

    @Override
    public void wake() {
        selector.wakeup();
    }

    @Override
    public void handOver(Owner other, Runnable task) {
        if (!(other instanceof LoopOwner loop)) {
            other.execute(task);
        } else if (loop.leave(task)) {
            toWake.add(loop);
        }
    }

    /** Wake the owners that were handed something, because what the members of this loop were given has been written. */
    void wakeOthers() {
        for (int i = 0; i < toWake.size(); i++) {
            toWake.get(i).wake();
        }
        toWake.clear();
    }

    @Override
    public void executeAfterReading(Runnable check) {
        tasks.execute(() -> deadlines.in(0, check));
    }

    @Override
    public boolean mayHang() {
        return false;
    }

    /** Run the task now if this is the loop's thread; otherwise hand the task over to the loop. */
    public void executeHere(Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            tasks.execute(task);
        }
    }

    /** Run the task later on this loop's thread. A failure ends {@code selectable} alone. Any thread may call this. */
    public void execute(Selectable selectable, Runnable task) {
        tasks.execute(() -> attempt(selectable, task));
    }

    /** Run the action now. A failure ends {@code selectable} alone. On this loop's thread. */
    public void attempt(Selectable selectable, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            fail(selectable, e);
        }
    }

    /** {@return how long the loop works, and how long it takes to forward} Any thread may ask. */
    public LoopTimes times() {
        return times;
    }

    Thread thread() {
        return thread;
    }

    /** {@return the name of the loop's thread} Any thread may ask. */
    public String name() {
        return thread.getName();
    }

    public Selector selector() {
        return selector;
    }

    /** {@return how many members are placed on this loop} Any thread may ask. */
    public int memberCount() {
        return members.get();
    }

    /** {@return the actions that are due later on this loop's thread} */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** Find out whether the connection of this member is reset, from now on and while the member waits for nothing. */
    public void probeForReset(LoopMember member) {
        resets.watch(member);
    }

    /** Do not probe this member any more, because it is closed. */
    public void forget(LoopMember member) {
        resets.forget(member);
    }

    /** {@return a buffer for bytes that are used up before anything else is read} */
    public ByteBuffer scratch() {
        return groups.scratch();
    }

    /** {@return the buffers of this loop's TLS connections} For this loop's thread. */
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
                wakeOthers();
                times.end(isForwarding);
            }
        } catch (IOException | ClosedSelectorException e) {
            LOG.log(Level.ERROR, thread.getName() + " cannot wait for its sockets and ends", e);
        }
    }

    /**
     * Find out which channels are ready: all of them, unless that takes long. Channels of another group may come behind
     * thousands of one group.
     */
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

    /**
     * End {@code selectable} after an error in the forwarder, or in a transport that still uses a channel after handing
     * it over. All others live on.
     */
    void fail(Selectable selectable, Throwable thrown) {
        Fatal.rethrow(thrown);
        logFailure(selectable, thrown);
        try {
            selectable.onFailure();
        } catch (RuntimeException | Error another) {
            Fatal.rethrow(another);
            LOG.log(Level.WARNING, selectable + " could not be ended", another);
        }
    }

    /** Log the trace at most once a minute, since peers can provoke it. */
    private void logFailure(Selectable selectable, Throwable thrown) {
        if (!traces.isDue()) {
            untold++;
            return;
        }
        var others = untold == 0 ? "" : "; it was so for " + untold + " others since the last such message";
        untold = 0;
        LOG.log(Level.WARNING, "An error in the forwarder or in a transport ends " + selectable + others, thrown);
    }

    /** Read this member in this turn or the next, after the members that were noted before. */
    public void ready(LoopMember member) {
        groups.ready(member);
    }

    /** Flush this member before the turn ends. */
    public void unflushed(LoopMember member) {
        groups.unflushed(member);
    }
}
