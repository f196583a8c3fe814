package dev.socketforwarder.runtime.server;

import dev.socketforwarder.api.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Finds out whether loops turn, by leaving each loop a task and looking later whether the task has run. Used by one thread. */
final class Pulse {
    private final Supplier<Set<Owner>> loops;
    private final Map<Owner, Beat> beats = new HashMap<>();

    /** What is known about one loop. */
    private static final class Beat implements Runnable {
        private volatile boolean isOutstanding;
        private volatile String thread = "a loop that has never turned";

        @Override
        public void run() {
            thread = Thread.currentThread().getName();
            isOutstanding = false;
        }
    }

    /** Make a watch over the loops that there are at each look. */
    Pulse(Supplier<Set<Owner>> loops) {
        this.loops = loops;
    }

    /** {@return the names of the loops that have not turned since the last look} Those that have are asked again. */
    List<String> silent() {
        var now = loops.get();
        beats.keySet().retainAll(now); // a loop that has ended runs no task any more
        var silent = new ArrayList<String>();
        for (var loop : now) {
            var beat = beats.computeIfAbsent(loop, _ -> new Beat());
            if (beat.isOutstanding) {
                silent.add(beat.thread);
            } else {
                beat.isOutstanding = true;
                loop.execute(beat);
            }
        }
        return silent;
    }
}
