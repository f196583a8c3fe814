package dev.socketforwarder.api.kit;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Owner;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Queues tasks that other threads leave for an owner. {@link #execute} is thread-safe; only the owner calls {@link #drain}.
 */
public final class TaskQueue implements Owner {
    private static final Logger LOG = System.getLogger(TaskQueue.class.getName());

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Runnable wakeup;

    /**
     * Make an empty queue.
     *
     * @param wakeup ends the owner's wait, now or the next one ({@code Selector.wakeup}); called by any thread, at most
     *     once for each {@link #drain}
     */
    public TaskQueue(Runnable wakeup) {
        this.wakeup = wakeup;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (!awake.getAndSet(true)) {
            wakeup.run();
        }
    }

    /**
     * Run a task on an owner's thread, and wait for its end.
     *
     * @param owner whose thread runs the task; the caller must run on another thread
     * @param task what is to be done
     * @param limit the longest wait
     * @return whether the task ended in time and threw nothing; false too if the caller was interrupted
     */
    public static boolean call(Owner owner, Runnable task, Duration limit) {
        var done = new CountDownLatch(1);
        var isWhole = new AtomicBoolean();
        owner.execute(() -> {
            try {
                task.run();
                isWhole.set(true);
            } finally {
                done.countDown();
            }
        });
        try {
            return done.await(limit.toNanos(), TimeUnit.NANOSECONDS) && isWhole.get();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * {@return whether the queue is empty}
     */
    public boolean isEmpty() {
        return tasks.isEmpty();
    }

    /**
     * Run the queued tasks, at most {@code limit}, and ask for another wakeup if some are left. An exception of a task is logged and
     * affects no other task.
     *
     * @param limit at least 1
     */
    public void drain(int limit) {
        // Cleared first: a task added from here on wakes the owner again, so none is ever left behind.
        awake.set(false);
        for (int i = 0; i < limit; i++) {
            var task = tasks.poll();
            if (task == null) {
                return;
            }
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                Fatal.rethrow(e);
                LOG.log(
                        Level.WARNING,
                        "A task failed on " + Thread.currentThread().getName(),
                        e);
            }
        }
        if (!tasks.isEmpty() && !awake.getAndSet(true)) {
            wakeup.run();
        }
    }
}
