package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** The members of one group that have one owner. Used on the owner's thread alone, but for {@link #inbox}. */
public final class Side {
    private static final Logger LOG = System.getLogger(Side.class.getName());

    /** To how many members something is given before the owner's other groups have their turn. */
    private static final int PART = 256;

    private final Group group;
    private final Owner owner;
    private final Backlog backlog;
    private final Inbox inbox;
    private final Delivery delivery;
    private final Watch watch;
    private final Seats seats = new Seats();
    private int publishers;
    private Turn turn; // null: nobody is being read
    private Turn pass; // null: everybody has got what was read
    private boolean isGiving;
    /** Its owner hangs: no other side has to do with this one any more. Set by any thread, never taken back. */
    private volatile boolean abandoned;

    /** Senders resume after the one that was read last, so that each gets its turn. */
    private int lastPublished;

    Side(Group group, Owner owner) {
        this.group = group;
        this.owner = owner;
        this.backlog = new Backlog(group.memory());
        this.inbox = new Inbox(this);
        this.delivery = new Delivery(this, seats);
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
        if (!seat.kind().isGiven()) {
            publishers++;
            return;
        }
        seats.add(seat);
        pace(seat);
    }

    void remove(Seat seat) {
        if (seat.kind().isGiven()) {
            seats.remove(seat);
        } else {
            publishers--;
        }
        if (seats.size() == 0 && publishers == 0) {
            group.remove(this);
            backlog.close();
            inbox.close();
        }
    }

    /** Deliver to all members of this side but {@code sender} (null: it is on another side). */
    void deliver(Seat sender, Batch batch, boolean pausable) {
        resume(Integer.MAX_VALUE);
        if (turn != null) {
            give(turn); // what was published before it
            turn.delivered(seats.size());
        }
        delivery.deliver(sender, batch, pausable);
        if (sender != null) {
            lastPublished = sender.index;
        }
    }

    /** All members of this side miss so many messages, for which there was no memory. */
    void lose(int messages, boolean pausable) {
        delivery.lose(messages, pausable);
    }

    /** The owner begins to read members of this side. */
    void begin(Turn begun) {
        turn = begun;
    }

    /**
     * The owner has read them.
     *
     * @return whether all have got what was read; else {@link #resume} is due, and nobody may be read before that
     */
    boolean end(Turn ended) {
        if (!isLarge() || ended.isEmpty() || !ended.keep(backlog)) {
            give(ended);
            turn = null;
            return true;
        }
        turn = null;
        pass = ended;
        lastPublished = ended.lastSender().index;
        group.handOver(this, ended.all(), true);
        return resume();
    }

    /** {@return whether what is read is given to its members in parts} */
    boolean isLarge() {
        return seats.size() > PART;
    }

    /**
     * Give the next members what was read.
     *
     * @return whether all have got it
     */
    boolean resume() {
        return resume(PART);
    }

    private boolean resume(int most) {
        if (isGiving) {
            return false;
        }
        isGiving = true;
        try {
            if (pass != null && delivery.deliver(pass, most)) {
                pass.clear();
                pass = null;
            }
        } finally {
            isGiving = false;
        }
        return pass == null;
    }

    /** {@return whether it is delivered later in this turn, with what others publish} */
    boolean isNoted(Seat sender, Batch batch) {
        if (turn == null || !turn.isOf(batch)) {
            return false;
        }
        if (turn.isFull()) {
            give(turn);
        }
        turn.note(sender);
        return true;
    }

    private void give(Turn published) {
        if (published.isEmpty() || isGiving) {
            return;
        }
        isGiving = true;
        try {
            delivery.deliver(published, Integer.MAX_VALUE);
            lastPublished = published.lastSender().index;
            published.delivered(seats.size());
            group.handOver(this, published.all(), true);
        } finally {
            published.clear();
            isGiving = false;
        }
    }

    /** A member leaves while others are read: it gets what they have published before that. */
    void giveLast(Seat leaver) {
        if (isGiving) {
            return;
        }
        boolean isLast = seats.size() + publishers == 1;
        if (isLast) {
            resume(Integer.MAX_VALUE); // while there is this side
        } else if (pass != null && leaver.kind().isGiven() && pass.comesTo(leaver)) {
            delivery.deliverTo(leaver, pass);
        }
        if (turn == null || turn.isEmpty()) {
            return;
        }
        if (isLast) {
            give(turn);
        } else if (leaver.kind().isGiven()) {
            delivery.deliverTo(leaver, turn);
        }
    }

    void count(Reason reason, long messages) {
        group.shared().counters().add(reason, messages);
    }

    /** {@return how many messages of the batch were counted as left out} */
    long countLeftOut(Reason reason, Batch batch) {
        int messages = batch.messages(group.rules().framing());
        count(reason, messages);
        return messages;
    }

    /** Tell a member what it missed, when its turn of writing is over. */
    void tellMissedSoon(Seat seat) {
        owner.execute(() -> {
            if (seat.isIn() && !seat.queue().isFull()) {
                delivery.tellMissed(seat);
            }
        });
    }

    /** Close a member after an error of its own. */
    void fail(Seat seat, Throwable e) {
        LOG.log(Level.WARNING, "Member " + describe(seat) + " failed and is closed", e);
        end(seat, Reason.INTERNAL_ERROR);
    }

    private static String describe(Seat seat) {
        try {
            return seat.member().describe();
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
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
    public void endAbandoned(Reason reason) {
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                if (seats.at(i) != null) {
                    end(seats.at(i), reason);
                }
            }
        } finally {
            seats.end();
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
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "Member " + describe(seat) + " failed when it was closed", e);
            seat.queue().clear();
        }
        seat.leave();
    }

    /** Pause and resume this side's members as the group's full ones demand. */
    void pace() {
        int places = seats.begin();
        try {
            for (int i = 1; i <= places; i++) {
                var seat = seats.at((lastPublished + i) % places);
                if (seat != null) {
                    pace(seat);
                }
            }
        } finally {
            seats.end();
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
                Fatal.rethrow(e);
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
        seats.stream().map(Seat::need).forEach(need -> {
            if (need.queuedBytes() + need.unfinishedBytes() > 0) {
                told.accept(need);
            }
        });
    }
}
