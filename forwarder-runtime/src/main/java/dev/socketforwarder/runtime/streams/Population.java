package dev.socketforwarder.runtime.streams;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Who is at one endpoint, shaking hands or as a member. Not found by the selectors' keys, since whoever else has a channel
 * may close it, which takes its key away and tells nobody. Thread-safe.
 */
final class Population {
    /** A loop's turn is bounded: far more than it ever takes. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final EventLoops loops;
    private final Set<Arriving> arriving = ConcurrentHashMap.newKeySet();
    private final Set<Connection> members = ConcurrentHashMap.newKeySet();

    Population(EventLoops loops) {
        this.loops = loops;
    }

    void add(Arriving one) {
        arriving.add(one);
    }

    void remove(Arriving one) {
        arriving.remove(one);
    }

    void add(Connection one) {
        members.add(one);
    }

    void remove(Connection one) {
        members.remove(one);
    }

    /** Run it on every loop, and wait for all. */
    void onEachLoop(Consumer<EventLoop> action) {
        onEachLoop(TURN, action);
    }

    /** Run it on every loop, and wait for all, but no longer than this. */
    void onEachLoop(Duration limit, Consumer<EventLoop> action) {
        var running = new Outstanding();
        for (var loop : loops.all()) {
            running.add();
            loop.execute(() -> {
                try {
                    action.accept(loop);
                } finally {
                    running.done();
                }
            });
        }
        running.await(limit.compareTo(TURN) < 0 ? limit : TURN);
    }

    /** Do this with those who shake hands on this loop. On its thread. */
    void eachArriving(EventLoop loop, Consumer<Arriving> action) {
        for (var one : arriving) {
            if (one.loop() == loop) {
                loop.attempt(one, () -> action.accept(one));
            }
        }
    }

    /** Do this with the members on this loop. On its thread. */
    void eachMember(EventLoop loop, Consumer<Connection> action) {
        for (var one : members) {
            if (one.group().loop() == loop) {
                loop.attempt(one, () -> action.accept(one));
            }
        }
    }
}
