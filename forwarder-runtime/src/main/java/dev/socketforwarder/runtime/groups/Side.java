package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Consumer;

/** The members of one group that have the same owner. Used on the owner's thread, except for {@link #inbox}. */
public final class Side {
    private static final Logger LOG = System.getLogger(Side.class.getName());

    /** How many members are served before the owner's other groups get their turn. */
    private static final int PART = 256;

    private final Group group;
    private final Owner owner;
    private final Backlog backlog;
    private final Backlog outgoing;
    private final Inbox inbox;
    private final Conversion conversion;
    private final Delivery delivery;
    private final LagWatch watch;
    private final Seats seats = new Seats();
    private final Traffic traffic = new Traffic();
    private int publishers;
    /** How many seats are no bridges. Changed on the owner's thread alone, read by any. */
    private volatile int waitedFor;
    /** How many listeners may still put a bridge here; guarded by the group. */
    int awaited;

    private Turn turn; // null while no member is read
    private Turn pass; // null when all members have got what was read
    private boolean isGiving;
    /** Whether the owner hangs, so that other sides ignore this one. Set by any thread, for good. */
    private volatile boolean abandoned;

    /** Index of the last sender. Paused senders resume in order after it, so that each gets its turn. */
    private int lastPublished;

    /** Make an empty side; {@code ofBridges} adds up what waits for all bridges of a listener, and is null for other sides. */
    Side(Group group, Owner owner, Handed ofBridges) {
        this.group = group;
        this.owner = owner;
        this.backlog = new Backlog(group.memory());
        this.outgoing = new Backlog(group.memory().urgent(Integer.MAX_VALUE));
        this.inbox = new Inbox(this, ofBridges);
        this.conversion = new Conversion(group.rules(), backlog);
        this.delivery = new Delivery(this, seats, conversion);
        this.watch = new LagWatch(this, seats);
    }

    Group group() {
        return group;
    }

    Owner owner() {
        return owner;
    }

    /** {@return the copies of what this side's members could not take} */
    Backlog backlog() {
        return backlog;
    }

    /**
     * {@return the copies of what is handed over to other sides; these copies find room while members that lag hold all the rest,
     * since a copy that fails would cost members that do not lag}
     */
    Backlog outgoing() {
        return outgoing;
    }

    /** {@return what turns messages into the forms that its members take} */
    Conversion conversion() {
        return conversion;
    }

    Inbox inbox() {
        return inbox;
    }

    /** {@return what the members of this side published and were given} */
    Traffic traffic() {
        return traffic;
    }

    void add(Seat seat) {
        if (seat.kind() != SeatKind.BRIDGE) {
            waitedFor = waitedFor + 1;
        }
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
        if (seat.kind() != SeatKind.BRIDGE) {
            waitedFor = waitedFor - 1;
            inbox.noteWaitedFor();
        }
        closeIfUnused();
    }

    /** Close the side if nobody is on it or awaited there. */
    void closeIfUnused() {
        if (seats.size() == 0 && publishers == 0 && group.removeUnused(this)) {
            backlog.close();
            outgoing.close();
            inbox.close();
        }
    }

    /** {@return whether senders wait for this side; they do not if it has bridges alone} May be called by any thread. */
    boolean isWaitedFor() {
        return waitedFor > 0;
    }

    /** Deliver to all members of this side but {@code sender}, which is null if the sender is on another side. */
    void deliver(Seat sender, Batch batch, boolean pausable) {
        resume(Integer.MAX_VALUE);
        if (turn != null) {
            give(turn); // published earlier
            turn.delivered(seats.size());
        }
        delivery.deliver(sender, batch, pausable);
        if (sender != null) {
            lastPublished = sender.index;
        }
    }

    /** Count messages as lost for every member of this side, because memory ran out. */
    void lose(int messages, boolean pausable) {
        delivery.lose(messages, pausable);
    }

    /** Note that the owner begins to read members of this side. */
    void begin(Turn begun) {
        turn = begun;
    }

    /**
     * Note that the owner has read them.
     *
     * @return whether all members have got what was read; otherwise call {@link #resume} before reading again
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

    /** Have all members apply the changed rules of the group. On the owner's thread. */
    void adoptRules() {
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                var seat = seats.at(i);
                if (seat != null) {
                    seat.adoptRules();
                }
            }
        } finally {
            seats.end();
        }
    }

    /** {@return whether its members are served in parts} */
    boolean isLarge() {
        return seats.size() > PART;
    }

    /**
     * Give the next members what was read.
     *
     * @return whether all members have got it
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

    /** {@return whether the batch is delivered later in this turn, together with the others'} */
    boolean isNoted(Seat sender, Batch batch) {
        if (turn == null || !turn.isOf(batch)) {
            return false;
        }
        if (!turn.takes(batch)) {
            give(turn);
        }
        turn.note(sender, batch);
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

    /** Give a leaving member what the others have published before it leaves. */
    void giveLast(Seat leaver) {
        if (isGiving) {
            return;
        }
        boolean isLast = seats.size() + publishers == 1;
        if (isLast) {
            resume(Integer.MAX_VALUE); // while this side still exists
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

    /**
     * Count the messages of a batch as left out.
     *
     * @return how many they are
     */
    long countLeftOut(Reason reason, Batch batch) {
        int messages = batch.messages(group.rules().framing());
        count(reason, messages);
        return messages;
    }

    /** Tell a member what it missed, after its current write. */
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

    /**
     * Take the side out of its group because its owner hangs, so that nothing waits for its members. May be called by
     * any thread.
     */
    void abandon() {
        abandoned = true;
        group.remove(this);
        inbox.abandon();
        group.shared().relief().abandon(owner);
        group.pacing().abandon(this);
        for (var other : group.sides()) {
            other.owner().execute(other.outgoing::trim); // frees the copies made for this side
        }
    }

    /** Close the abandoned members, once the owner continues or ends. */
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

    /** Close a member after its current write. */
    void endSoon(Seat seat, Reason reason) {
        owner.execute(() -> {
            if (seat.isIn() || seat.isDeparted()) {
                end(seat, reason);
            }
        });
    }

    /** Close a member, and remove the member whatever it throws, since the others must not wait for it. */
    void end(Seat seat, Reason reason) {
        try {
            seat.member().close(reason);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "Member " + describe(seat) + " failed when it was closed", e);
            seat.queue().clear();
        }
        seat.leave(reason);
    }

    /** Pause and resume this side's members according to the full members of the group. */
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
                owner.execute(() -> fail(seat, e)); // later, since the list is being walked
            }
        }
    }

    LagWatch watch() {
        return watch;
    }

    /** Report what the members need while memory is short, and release what none of them needs. */
    void tellNeeds(Consumer<Need> told) {
        backlog.trim();
        outgoing.trim();
        seats.stream().map(Seat::need).forEach(need -> {
            if (need.queuedBytes() + need.unfinishedBytes() > 0) {
                told.accept(need);
            }
        });
    }
}
