package dev.socketforwarder.runtime;

import java.util.ArrayList;
import java.util.List;

/**
 * Who is full in a group, and so who must wait: while somebody is full, every sender but itself. Two that are full make
 * each other wait. Thread-safe; the lock is taken only when a member becomes full or drained.
 */
final class Pacing {
    private static final Object SEVERAL = new Object();

    private final Group group;
    private final List<Object> full = new ArrayList<>(1);
    /** The one that is full, {@link #SEVERAL}, or null. */
    private volatile Object blocker;

    Pacing(Group group) {
        this.group = group;
    }

    /** {@return whether {@code sender} must wait} */
    boolean pauses(Object sender) {
        var now = blocker;
        return now != null && now != sender;
    }

    /** Somebody became full: a member, or another owner's inbox. Called on {@code caller}'s thread, or null for any. */
    void full(Object who, Side caller) {
        synchronized (this) {
            full.add(who);
            update();
        }
        tellAll(caller);
    }

    /** Somebody has room again, or is gone. */
    void drained(Object who, Side caller) {
        synchronized (this) {
            if (!full.remove(who)) {
                return;
            }
            update();
        }
        tellAll(caller);
    }

    private void update() {
        blocker = switch (full.size()) {
            case 0 -> null;
            case 1 -> full.getFirst();
            default -> SEVERAL;
        };
    }

    private void tellAll(Side caller) {
        for (var side : group.sides()) {
            if (side == caller) {
                side.pace();
            } else {
                side.owner().execute(side::pace);
            }
        }
    }
}
