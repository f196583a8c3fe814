package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Owner;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks that calls come on the thread of their owner. To learn the thread, this class gives each owner a task. Thread-safe.
 *
 * <p>Calls that come before the task has run are checked once it has run.
 */
final class OwnerThreads {
    private record Call(Promise promise, String what, Thread thread) {}

    private static final class Known {
        Thread thread; // null until the owner has run the task
        final List<Call> unjudged = new ArrayList<>();
    }

    private final Map<Owner, Known> owners = new IdentityHashMap<>(); // guarded by this
    private final List<BrokenPromiseError> broken; // a thread-safe list

    OwnerThreads(List<BrokenPromiseError> broken) {
        this.broken = broken;
    }

    /** Record that the calling thread called {@code what}, which only the owner's thread may call. */
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
                broken.add(Promise.OWNER_RUNS_LATER.broken("execute() ran the task on the caller's stack"));
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
                    + ", but the owner runs its tasks on " + known.thread.getName()));
        }
    }

    /** Record that a task of the owner is running on the calling thread. */
    void ran(Owner owner) {
        called(owner, Promise.OWNER_IS_ONE_THREAD, "a task");
    }
}
