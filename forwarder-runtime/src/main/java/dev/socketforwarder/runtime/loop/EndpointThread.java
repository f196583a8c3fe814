package dev.socketforwarder.runtime.loop;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.groups.LoopOwner;
import java.io.Closeable;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.function.Predicate;

/**
 * The loop of one endpoint, with a thread of its own; {@link EndpointLoop} describes its turn. The thread and the
 * selector are made when the endpoint starts, and tasks wait until then.
 */
public final class EndpointThread implements EndpointLoop, LoopOwner {
    private static final Logger LOG = System.getLogger(EndpointThread.class.getName());
    private static final int TASKS_PER_TURN = 1_000;

    private final String name;
    private final String endpoint; // the name in the log
    private final HangWatch watch;
    private final Deadlines deadlines = new Deadlines();
    private final TaskQueue tasks = new TaskQueue(this::wake);
    private final LinkedHashMap<Member, Runnable> unflushed = new LinkedHashMap<>();
    private volatile Selector selector; // null before the start
    private volatile Thread thread;
    private volatile boolean ended;
    private boolean awake; // the loop's thread left something for the next turn

    public EndpointThread(String name, String label, GroupRegistry groups, Duration stallTimeout) {
        this.name = name;
        this.endpoint = label;
        this.watch = new HangWatch(this, groups, stallTimeout);
    }

    /** Start the thread. */
    public void start() throws IOException {
        selector = Selector.open();
        thread = Thread.ofPlatform().name(name + "-loop").daemon().unstarted(this::run);
        thread.start();
    }

    /** End the thread, and wait for its end as {@link #awaitEnd} does. */
    public void stop(Duration limit) {
        end();
        awaitEnd(limit);
    }

    /** End the thread after its current turn. Called by any other thread. */
    public void end() {
        ended = true;
        if (thread != null) {
            selector.wakeup();
        }
    }

    /**
     * Wait for the end, up to a limit, since a plugin may hold the thread up for ever. If the limit passes, close all
     * channels of the loop, and let nothing wait for its members any more. Called by any other thread.
     */
    public void awaitEnd(Duration limit) {
        var running = thread;
        if (running != null) {
            try {
                if (!running.join(limit)) {
                    closeAll();
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
        watch.abandonAll();
    }

    /** Close the members that a plugin left behind, as the last act of the loop's thread. */
    private void endMembers() {
        ended = true;
        watch.abandonAll();
        watch.endAbandoned(Reason.STOPPED);
    }

    @Override
    public void wake() {
        if (isCurrent()) {
            awake = true; // avoids a system call
            return;
        }
        var waiting = selector;
        if (waiting != null) {
            waiting.wakeup();
        }
    }

    @Override
    public void execute(Runnable task) {
        if (leave(task)) {
            wake();
        }
    }

    @Override
    public boolean leave(Runnable task) {
        if (ended) {
            return false;
        }
        boolean isAsleep = tasks.leave(task);
        watch.asked();
        return isAsleep;
    }

    @Override
    public void executeAfterReading(Runnable check) {
        execute(() -> deadlines.in(0, check));
    }

    @Override
    public boolean mayHang() {
        return true;
    }

    boolean hasEnded() {
        return ended;
    }

    @Override
    public boolean isRunning() {
        return !ended && !watch.hangs();
    }

    public Thread thread() {
        return thread;
    }

    /**
     * Close the sockets of the members, because the loop hangs. May be called by any thread; does nothing if the loop
     * ends meanwhile.
     */
    public void closeConnections() {
        close(channel -> channel instanceof SocketChannel);
    }

    /**
     * Release what the kernel holds for a loop that does not end, above all its ports, which another endpoint may need.
     */
    private void closeAll() {
        close(_ -> true);
        closeQuietly(selector); // a closed channel keeps its socket until then
    }

    private void close(Predicate<SelectableChannel> which) {
        try {
            for (var key : selector.keys()) {
                if (which.test(key.channel())) {
                    closeQuietly(key.channel());
                }
            }
        } catch (ClosedSelectorException _) {
            // The loop has ended and closed all channels.
        }
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    @Override
    public boolean call(Runnable task, Duration limit) {
        return TaskQueue.call(this, task, limit);
    }

    @Override
    public Deadlines deadlines() {
        return deadlines;
    }

    @Override
    public SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException {
        requireCurrent("register");
        return channel.register(selector, operations, ready);
    }

    @Override
    public void flushLater(Member member, Runnable flush) {
        requireCurrent("flushLater");
        unflushed.putIfAbsent(member, flush);
    }

    @Override
    public void flushNow() {
        requireCurrent("flushNow");
        // A member that asks again while it is flushed waits for the next turn; otherwise two such members could hold
        // up all others.
        for (int i = unflushed.size(); i > 0 && !unflushed.isEmpty(); i--) {
            var next = unflushed.pollFirstEntry();
            try {
                next.getValue().run();
            } catch (RuntimeException | Error e) {
                Fatal.rethrow(e);
                onFlushFailed(next.getKey(), e);
            }
        }
        awake |= !unflushed.isEmpty();
    }

    private void onFlushFailed(Member member, Throwable thrown) {
        LOG.log(Level.WARNING, "A member of " + endpoint + " failed to write and is closed", thrown);
        try {
            member.close(Reason.INTERNAL_ERROR);
        } catch (RuntimeException | Error another) {
            Fatal.rethrow(another);
            LOG.log(Level.WARNING, "The member failed again when it was closed", another);
        }
    }

    /**
     * Refuse a call from another thread, since such a call would corrupt the loop's state.
     *
     * @throws IllegalStateException if the caller is another thread
     */
    public void requireCurrent(String what) {
        if (!isCurrent()) {
            throw new IllegalStateException(what + " was called on thread "
                    + Thread.currentThread().getName() + ", but endpoint " + endpoint
                    + " is used on its loop only: hand a task to execute()");
        }
    }

    private void run() {
        try (var ours = selector) {
            while (!ended) {
                long nowNs = System.nanoTime();
                select(ours, deadlines.isDue(nowNs));
                watch.turnBegins();
                ours.selectedKeys().forEach(this::onReady);
                ours.selectedKeys().clear();
                deadlines.expire(nowNs); // bytes that came while the process was paused have been read
                tasks.drain(TASKS_PER_TURN);
                flushNow();
                watch.turnEnds();
            }
            endMembers();
            ours.keys().forEach(key -> closeQuietly(key.channel())); // those that a plugin left open
        } catch (IOException | ClosedSelectorException | ConcurrentModificationException e) {
            if (!ended) { // otherwise another thread closed the selector, because this thread took too long
                LOG.log(Level.ERROR, "The loop of " + endpoint + " cannot wait for its sockets and ends", e);
            }
            endMembers();
        } finally {
            ended = true;
        }
    }

    private void select(Selector ours, boolean isDue) throws IOException {
        if (awake || isDue) {
            awake = false;
            ours.selectNow();
        } else {
            ours.select(deadlines.millisToNext());
        }
    }

    private void onReady(SelectionKey key) {
        watch.recover();
        var ready = (Ready) key.attachment();
        try {
            ready.onReady(key);
        } catch (IOException | CancelledKeyException e) {
            LOG.log(Level.DEBUG, () -> "A channel of " + endpoint + " failed: " + e);
            close(key, ready, e);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "A channel of " + endpoint + " is closed, since its handler failed", e);
            close(key, ready, e);
        }
    }

    private void close(SelectionKey key, Ready ready, Throwable thrown) {
        try {
            key.channel().close();
            ready.failed(thrown);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close a channel", e);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "The handler of a closed channel of " + endpoint + " failed", e);
        }
    }

    private static void closeQuietly(Closeable channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close a channel", e);
        }
    }

    @Override
    public String toString() {
        return endpoint;
    }
}
