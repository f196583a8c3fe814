package dev.socketforwarder.runtime.groups;

import java.util.LinkedHashSet;
import java.util.SequencedSet;

/**
 * Who is full in a group, and so who must wait: while somebody is full, every sender but itself. Two that are full make
 * each other wait. Thread-safe; the lock is taken only when a member becomes full or drained.
 */
final class Pacing {
    private static final Object SEVERAL = new Object();

    private final Group group;
    private final SequencedSet<Object> full = new LinkedHashSet<>();
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

    /** A member became full. Called on its side's thread. */
    void full(Seat who, Side caller) {
        if (note(who, true)) {
            tellAll(caller);
        }
    }

    /** A member has room again, or is gone. */
    void drained(Seat who, Side caller) {
        if (note(who, false)) {
            tellAll(caller);
        }
    }

    /**
     * Note who is full: a member, or an owner's inbox.
     *
     * @return whether that changes who must wait, which {@link #tellAll} makes known: ten thousand that become full together
     *     must not have all of them looked at ten thousand times
     */
    synchronized boolean note(Object who, boolean isFull) {
        if (!isFull) {
            full.remove(who);
        } else if (!sideOf(who).isAbandoned()) {
            full.add(who);
        }
        return look();
    }

    /** Nobody waits for the members of this side any more. Any thread. */
    void abandon(Side side) {
        synchronized (this) {
            full.removeIf(who -> sideOf(who) == side);
            look();
        }
        tellAll(null);
    }

    private static Side sideOf(Object who) {
        return who instanceof Seat seat ? seat.side() : ((Inbox) who).side();
    }

    private boolean look() {
        var before = blocker;
        blocker = switch (full.size()) {
            case 0 -> null;
            case 1 -> full.getFirst();
            default -> SEVERAL;
        };
        return blocker != before;
    }

    /** Make every side look who must wait. On {@code caller}'s thread, or null for any. */
    void tellAll(Side caller) {
        for (var side : group.sides()) {
            if (side == caller) {
                side.pace();
            } else {
                side.owner().execute(side::pace);
            }
        }
    }
}
