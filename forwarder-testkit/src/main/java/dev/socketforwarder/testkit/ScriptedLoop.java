package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.kit.TaskQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.LinkedHashMap;

/** Runs the loop of one endpoint in a test, in turns like those of the runtime's loop. */
final class ScriptedLoop implements EndpointLoop {
    private static final int TASKS_PER_TURN = 1_000;

    private final ScriptedGroups groups;
    private final Deadlines deadlines = new Deadlines();
    private final TaskQueue tasks = new TaskQueue(this::wakeup);
    private final LinkedHashMap<Member, Runnable> unflushed = new LinkedHashMap<>();
    private volatile Selector selector; // null before the start
    private volatile Thread thread;
    private volatile boolean ended;

    ScriptedLoop(ScriptedGroups groups) {
        this.groups = groups;
    }

    void start(String endpoint) {
        try {
            selector = Selector.open();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread = Thread.ofPlatform().name(endpoint + "-loop").daemon().start(this::run);
    }

    void stop() {
        ended = true;
        if (thread == null) {
            return;
        }
        selector.wakeup();
        try {
            thread.join(groups.waiting().limit());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void wakeup() {
        var waiting = selector;
        if (waiting != null) {
            waiting.wakeup();
        }
    }

    private void run() {
        try (var ours = selector) {
            while (!ended) {
                long nowNs = System.nanoTime();
                if (deadlines.isDue(nowNs)) {
                    ours.selectNow(this::onReady);
                } else {
                    ours.select(this::onReady, deadlines.millisToNext());
                }
                deadlines.expire(nowNs);
                tasks.drain(TASKS_PER_TURN);
                flushNow();
            }
            for (var key : ours.keys()) {
                key.channel().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ended = true;
        }
    }

    private void onReady(SelectionKey key) {
        var ready = (Ready) key.attachment();
        try {
            ready.onReady(key);
        } catch (IOException | CancelledKeyException e) {
            fail(key, ready, e);
        } catch (RuntimeException e) {
            groups.broken(Promise.ONE_PEER_ALONE.broken("onReady() threw " + e, e));
            fail(key, ready, e);
        }
    }

    private static void fail(SelectionKey key, Ready ready, Exception thrown) {
        try {
            key.channel().close();
        } catch (IOException e) {
            thrown.addSuppressed(e);
        }
        ready.failed(thrown);
    }

    private void requireCurrent(String what) {
        if (!isCurrent()) {
            var broken = Promise.OWNER_IS_ONE_THREAD.broken("EndpointLoop." + what + " was called on "
                    + Thread.currentThread().getName());
            groups.broken(broken);
            throw broken;
        }
    }

    @Override
    public void execute(Runnable task) {
        if (!ended) {
            tasks.execute(task);
        }
    }

    @Override
    public SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException {
        requireCurrent("register");
        return channel.register(selector, operations, ready);
    }

    @Override
    public Deadlines deadlines() {
        return deadlines;
    }

    @Override
    public void flushLater(Member member, Runnable flush) {
        requireCurrent("flushLater");
        unflushed.putIfAbsent(member, flush);
    }

    @Override
    public void flushNow() {
        requireCurrent("flushNow");
        for (int i = unflushed.size(); i > 0 && !unflushed.isEmpty(); i--) {
            var next = unflushed.pollFirstEntry();
            try {
                next.getValue().run();
            } catch (RuntimeException e) {
                groups.broken(Promise.MEMBER_RETURNS.broken("the flush of a member threw " + e, e));
                next.getKey().close(Reason.INTERNAL_ERROR);
            }
        }
        if (!unflushed.isEmpty()) {
            wakeup();
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
}
