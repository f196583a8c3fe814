package dev.socketforwarder.runtime.groups;

import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;

/**
 * Tracks the full members of a group, and so the senders that must wait. While a member is full, every sender but that
 * member waits. Two full members make each other wait. Thread-safe; the lock is taken only when a member becomes full
 * or drains.
 */
final class Pacing {
    private static final Object SEVERAL = new Object();

    private final Group group;
    private final SequencedSet<Object> full = new LinkedHashSet<>();
    /** The only full member or inbox; {@link #SEVERAL} if there are several; null if there is none. */
    private volatile Object blocker;

    Pacing(Group group) {
        this.group = group;
    }

    /** {@return whether the sender must wait} */
    boolean pauses(Object sender) {
        var now = blocker;
        return now != null && now != sender;
    }

    /** {@return what makes senders wait, in words; empty if nothing does} May be called by any thread. */
    Optional<String> cause() {
        return switch (blocker) {
            case null -> Optional.empty();
            case Seat seat -> Optional.of("member " + seat.id());
            case Inbox inbox -> Optional.of("thread " + inbox.side().owner());
            default -> Optional.of("several members");
        };
    }

    /** Note that a member became full. Called on its side's thread. */
    void full(Seat who, Side caller) {
        if (note(who, true)) {
            tellAll(caller);
        }
    }

    /** Note that a member has room again, or has left. */
    void drained(Seat who, Side caller) {
        if (note(who, false)) {
            tellAll(caller);
        }
    }

    /**
     * Note whether a member or an owner's inbox is full.
     *
     * @return whether {@link #tellAll} must follow, since other senders must wait now. If ten thousand members become
     *     full together, each must not be looked at ten thousand times
     */
    synchronized boolean note(Object who, boolean isFull) {
        if (!isFull) {
            full.remove(who);
        } else if (!sideOf(who).isAbandoned()) {
            full.add(who);
        }
        return look();
    }

    /** Let nothing wait for the members of this side any more. May be called by any thread. */
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

    /** Make every side pause and resume its members. Called on {@code caller}'s thread, or with null on any. */
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
