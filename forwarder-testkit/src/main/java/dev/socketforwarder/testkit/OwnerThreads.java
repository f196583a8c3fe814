package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Owner;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks that calls come on their owner's thread. It asks each owner for its thread by a task. Thread-safe.
 *
 * <p>The first calls come before the owner's answer. They are judged when the answer has come.
 */
final class OwnerThreads {
    private record Call(Promise promise, String what, Thread thread) {}

    private static final class Known {
        Thread thread; // null: it has not answered yet
        final List<Call> unjudged = new ArrayList<>();
    }

    private final Map<Owner, Known> owners = new IdentityHashMap<>(); // guarded by this
    private final List<BrokenPromiseError> broken; // thread-safe

    OwnerThreads(List<BrokenPromiseError> broken) {
        this.broken = broken;
    }

    /** Note that the calling thread called {@code what}, which only the owner's thread may call. */
    synchronized void called(Owner owner, Promise promise, String what) {
        var call = new Call(promise, what, Thread.currentThread());
        var known = owners.get(owner);
        if (known == null) {
            known = new Known();
            owners.put(owner, known);
            ask(owner, known);
        }
        if (known.thread == null) {
            known.unjudged.add(call);
        } else {
            judge(known, call);
        }
    }

    private void ask(Owner owner, Known known) {
        var caller = Thread.currentThread();
        boolean[] returned = {false};
        owner.execute(() -> {
            if (Thread.currentThread() == caller && !returned[0]) {
                broken.add(Promise.OWNER_RUNS_LATER.broken("execute() ran the task itself"));
            }
            answered(known);
        });
        returned[0] = true;
    }

    private synchronized void answered(Known known) {
        known.thread = Thread.currentThread();
        known.unjudged.forEach(call -> judge(known, call));
        known.unjudged.clear();
    }

    private void judge(Known known, Call call) {
        if (call.thread != known.thread) {
            broken.add(call.promise.broken(call.what + " was called on " + call.thread.getName()
                    + ", while the owner runs its tasks on " + known.thread.getName()));
        }
    }

    /** Note that a task of the owner runs on the calling thread. */
    void ran(Owner owner) {
        called(owner, Promise.OWNER_IS_ONE_THREAD, "a task");
    }
}
