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
 * Queues tasks that other threads submit to an owner. {@link #execute} is thread-safe; only the owner calls {@link #drain}.
 */
public final class TaskQueue implements Owner {
    private static final Logger LOG = System.getLogger(TaskQueue.class.getName());

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Runnable wakeup;

    /**
     * Make an empty queue.
     *
     * @param wakeup ends the owner's present or next wait, as {@code Selector.wakeup} does; called by any thread, at most once
     *     for each {@link #drain}
     */
    public TaskQueue(Runnable wakeup) {
        this.wakeup = wakeup;
    }

    @Override
    public void execute(Runnable task) {
        if (leave(task)) {
            wakeup.run();
        }
    }

    /**
     * Queue a task as {@link #execute} does, but do not wake the owner. A caller that has something more urgent to do first wakes
     * the owner afterwards. Thread-safe.
     *
     * @param task the task
     * @return whether the caller must end the owner's present or next wait, soon: until then, nobody else wakes the owner
     */
    public boolean leave(Runnable task) {
        tasks.add(task);
        return !awake.getAndSet(true);
    }

    /**
     * Run a task on an owner's thread, and wait until the task ends.
     *
     * @param owner the owner whose thread runs the task; the caller must be on another thread
     * @param task the task
     * @param limit the longest wait
     * @return whether the task ended in time and threw nothing; false if the caller was interrupted
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
     * Run at most {@code limit} queued tasks, and ask for another wakeup if tasks are left. If a task throws, the exception is
     * logged, and the other tasks still run.
     *
     * @param limit at least 1
     */
    public void drain(int limit) {
        // Cleared first: a task added from here on wakes the owner again, so that no task is overlooked.
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
                        "A task failed on thread " + Thread.currentThread().getName(),
                        e);
            }
        }
        if (!tasks.isEmpty() && !awake.getAndSet(true)) {
            wakeup.run();
        }
    }
}
