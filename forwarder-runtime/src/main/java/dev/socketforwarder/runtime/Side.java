package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Backlog;
import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.OutOfQueueException;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The members of one group that have one owner. Used on the owner's thread alone, but for {@link #inbox}. */
final class Side {
    private static final Logger LOG = System.getLogger(Side.class.getName());

    private final Group group;
    private final Owner owner;
    private final Backlog backlog;
    private final Inbox inbox;
    private final Conversion conversion;
    private final Watch watch;
    private final List<Seat> seats = new ArrayList<>();
    private int publishers;
    /** Its owner hangs: no other side has to do with this one any more. Set by any thread, never taken back. */
    private volatile boolean abandoned;

    /** Senders resume after the one that was read last, so that each gets its turn. */
    private int lastPublished;

    Side(Group group, Owner owner) {
        this.group = group;
        this.owner = owner;
        this.backlog = new Backlog(group.memory());
        this.inbox = new Inbox(this);
        this.conversion = new Conversion(group.rules(), backlog);
        this.watch = new Watch(this, seats);
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
        boolean mayDrop = mayDrop(pausable);
        // Backwards, since a member that fails is removed by moving the last one to its place.
        for (int i = seats.size() - 1; i >= 0; i--) {
            var seat = seats.get(i);
            if (seat == sender) {
                continue;
            }
            if (mayDrop && seat.queue().isFull()) {
                seat.missed += countLeftOut(Reason.MEMBER_FULL, batch);
                continue;
            }
            if (seat.missed > 0) {
                tellMissed(seat);
            }
            give(seat, batch, mayDrop);
            if (abandoned) {
                break; // it hung here, and would hang at the next
            }
        }
        conversion.end();
        if (sender != null) {
            lastPublished = sender.index;
        }
    }

    private void give(Seat seat, Batch batch, boolean mayDrop) {
        try {
            var taken = batch;
            if (conversion.isNeeded(seat, batch)) {
                taken = conversion.of(batch, seat.member().largestMessage());
                group.shared().counters().add(Reason.UNFRAMEABLE, taken.leftOut());
            }
            if (taken.count() > 0) {
                seat.member().deliver(taken);
            }
        } catch (OutOfQueueException _) {
            lose(seat, batch.messages(group.rules().framing()), mayDrop);
        } catch (RuntimeException | Error e) {
            FatalErrors.rethrow(e);
            fail(seat, e);
        }
    }

    /** All members of this side miss so many messages, for which there was no memory. */
    void lose(int messages, boolean pausable) {
        boolean mayDrop = mayDrop(pausable);
        for (int i = seats.size() - 1; i >= 0; i--) {
            var seat = seats.get(i);
            lose(seat, messages, mayDrop || seat.form() == Batch.Form.MESSAGES);
        }
    }

    private void lose(Seat seat, int messages, boolean mayDrop) {
        if (mayDrop) {
            seat.missed += messages;
            group.shared().counters().add(Reason.OUT_OF_QUEUE, messages);
        } else {
            end(seat, Reason.OUT_OF_QUEUE); // a gap that nobody was told of
        }
    }

    /** {@return whether a message may be left out for a member that is full} */
    private boolean mayDrop(boolean pausable) {
        return !pausable || group.rules().slowMember() == SlowMember.DROP;
    }

    /** {@return how many messages of the batch were counted as left out} */
    long countLeftOut(Reason reason, Batch batch) {
        int messages = batch.messages(group.rules().framing());
        group.shared().counters().add(reason, messages);
        return messages;
    }

    /** Tell a member what it missed, when its turn of writing is over. */
    void tellMissedSoon(Seat seat) {
        owner.execute(() -> {
            if (seat.isIn() && seat.missed > 0 && !seat.queue().isFull()) {
                tellMissed(seat);
            }
        });
    }

    private void tellMissed(Seat seat) {
        var notice = group.rules().gapNotice();
        if (notice.isEmpty()) {
            seat.missed = 0;
            return;
        }
        var text = notice.replace(GroupRules.MISSED, Long.toString(seat.missed)).getBytes(StandardCharsets.UTF_8);
        try {
            var kept = conversion.keep(text);
            seat.missed = 0;
            give(seat, kept, true);
            kept.release();
        } catch (OutOfQueueException _) {
            // There is no memory for the notice: it is told another time.
        }
    }

    private void fail(Seat seat, Throwable e) {
        LOG.log(Level.WARNING, "Member " + describe(seat) + " failed and is closed", e);
        end(seat, Reason.INTERNAL_ERROR);
    }

    private static String describe(Seat seat) {
        try {
            return seat.member().describe();
        } catch (RuntimeException | Error e) {
            FatalErrors.rethrow(e);
            return "of " + seat.member().getClass().getName();
        }
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** Its owner hangs: take it out of the group, so that nobody waits for its members. Any thread. */
    void abandon() {
        abandoned = true;
        group.remove(this);
        inbox.abandon();
        group.shared().relief().abandon(owner);
        group.pacing().abandon(this);
        for (var other : group.sides()) {
            other.owner().execute(other.backlog::trim); // what was copied for this one
        }
    }

    /** The owner goes on, or ends: close the members that were abandoned. */
    void endAbandoned(Reason reason) {
        for (int i = seats.size() - 1; i >= 0; i--) {
            if (i < seats.size()) {
                end(seats.get(i), reason);
            }
        }
    }

    /** Close a member when its turn of writing is over. */
    void endSoon(Seat seat, Reason reason) {
        owner.execute(() -> {
            if (seat.isIn() || seat.isDeparted()) {
                end(seat, reason);
            }
        });
    }

    /** Close a member, and let it go whatever it throws: the others must not wait for it. */
    void end(Seat seat, Reason reason) {
        try {
            seat.member().close(reason);
        } catch (RuntimeException | Error e) {
            FatalErrors.rethrow(e);
            LOG.log(Level.WARNING, "Member " + describe(seat) + " failed when it was closed", e);
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
            } catch (RuntimeException | Error e) {
                FatalErrors.rethrow(e);
                owner.execute(() -> fail(seat, e)); // not now: the list is being gone through
            }
        }
    }

    Watch watch() {
        return watch;
    }

    /** Tell what its members need of the memory that is short, and let go of what none of them needs. */
    void tellNeeds(Consumer<Need> told) {
        backlog.trim();
        for (var seat : seats) {
            var need = seat.need();
            if (need.queuedBytes() + need.unfinishedBytes() > 0) {
                told.accept(need);
            }
        }
    }
}
