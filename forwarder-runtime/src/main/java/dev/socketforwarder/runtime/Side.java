package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Backlog;
import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The members of one group that have one owner. Used on the owner's thread alone, but for {@link #inbox}. */
final class Side {
    private static final Logger LOG = System.getLogger(Side.class.getName());

    private final Group group;
    private final Owner owner;
    private final Backlog backlog;
    private final Inbox inbox;
    private final List<Seat> seats = new ArrayList<>();
    private int publishers;
    /** Senders resume after the one that was read last, so that each gets its turn. */
    private int lastPublished;

    private boolean stallCheckDue;
    private long stallCheckAtNs;
    private int stallCheck; // the number of the one that is due; those before it are void

    Side(Group group, Owner owner) {
        this.group = group;
        this.owner = owner;
        this.backlog = new Backlog(group.shared().memory());
        this.inbox = new Inbox(this);
    }

    Group group() {
        return group;
    }

    Owner owner() {
        return owner;
    }

    Backlog backlog() {
        return backlog;
    }

    Inbox inbox() {
        return inbox;
    }

    void add(Seat seat) {
        if (seat.publishesOnly()) {
            publishers++;
            return;
        }
        seat.index = seats.size();
        seats.add(seat);
        pace(seat);
    }

    void remove(Seat seat) {
        if (seat.publishesOnly()) {
            publishers--;
        } else {
            var last = seats.removeLast();
            if (last != seat) {
                seats.set(seat.index, last);
                last.index = seat.index;
            }
        }
        if (seats.isEmpty() && publishers == 0) {
            group.remove(this);
            backlog.close();
            inbox.close();
        }
    }

    /** Deliver to all members of this side but {@code sender} (null: it is on another side). */
    void deliver(Seat sender, Batch batch, boolean pausable) {
        // Backwards, since a member that fails is removed by moving the last one to its place.
        for (int i = seats.size() - 1; i >= 0; i--) {
            var seat = seats.get(i);
            if (seat == sender) {
                continue;
            }
            if (!pausable && seat.queue().isFull()) {
                group.shared().counters().add(Reason.MEMBER_FULL, batch.count());
                continue;
            }
            try {
                seat.member().deliver(batch);
            } catch (RuntimeException e) {
                fail(seat, e);
            }
        }
        if (sender != null) {
            lastPublished = sender.index;
        }
    }

    private void fail(Seat seat, RuntimeException e) {
        LOG.log(Level.WARNING, "Member " + seat.member().describe() + " failed and is closed", e);
        end(seat, Reason.INTERNAL_ERROR);
    }

    /** Close a member, and let it go whatever it throws: the others must not wait for it. */
    private void end(Seat seat, Reason reason) {
        try {
            seat.member().close(reason);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "Member " + seat.member().describe() + " failed when it was closed", e);
            seat.queue().clear();
        }
        seat.leave();
    }

    /** Pause and resume this side's members as the group's full ones demand. */
    void pace() {
        int n = seats.size();
        for (int i = 1; i <= n; i++) {
            pace(seats.get((lastPublished + i) % n));
        }
    }

    private void pace(Seat seat) {
        boolean pause = group.pacing().pauses(seat);
        if (pause != seat.paused) {
            seat.paused = pause;
            try {
                if (pause) {
                    seat.member().pause();
                } else {
                    seat.member().resume();
                }
            } catch (RuntimeException e) {
                owner.execute(() -> fail(seat, e)); // not now: the list is being gone through
            }
        }
    }

    /** See to it that {@code seat}, which is full, is closed if it stays so and takes too little. */
    void watchStalled(Seat seat) {
        scheduleStallCheck(timeoutNs() - seat.queue().stalledNs());
    }

    private void scheduleStallCheck(long delayNs) {
        long atNs = group.shared().nanoClock().getAsLong() + delayNs;
        if (stallCheckDue && atNs - stallCheckAtNs >= 0) {
            return; // one comes before
        }
        stallCheckDue = true;
        stallCheckAtNs = atNs;
        int check = ++stallCheck;
        try {
            var timer = group.shared().timer();
            timer.schedule(() -> owner.execute(() -> closeStalled(check)), Math.max(0, delayNs), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The process stops: its grace period bounds everybody.
        }
    }

    /** Close all that are stalled at once, so that ten stalled members delay the others no longer than one. */
    private void closeStalled(int check) {
        if (check != stallCheck) {
            return;
        }
        stallCheckDue = false;
        long nextNs = Long.MAX_VALUE;
        for (int i = seats.size() - 1; i >= 0; i--) {
            var seat = seats.get(i);
            if (!seat.queue().isFull()) {
                continue;
            }
            long leftNs = timeoutNs() - seat.queue().stalledNs();
            if (leftNs <= 0) {
                end(seat, Reason.STALLED);
            } else {
                nextNs = Math.min(nextNs, leftNs);
            }
        }
        if (nextNs != Long.MAX_VALUE) {
            scheduleStallCheck(nextNs);
        }
    }

    private long timeoutNs() {
        return group.shared().limits().stallTimeout().toNanos();
    }
}
