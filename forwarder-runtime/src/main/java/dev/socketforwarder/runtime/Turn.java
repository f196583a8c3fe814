package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Block;
import dev.socketforwarder.api.Framing;
import dev.socketforwarder.api.Membership;
import java.util.Arrays;

/**
 * What the members of one side publish while their owner reads them into one block, until it is given to all of them in one
 * pass: so the work is that of reads and seats, not that of each read times all seats. Most members get one range, each of
 * those that sent something gets the ranges around its own. Used on the owner's thread, turn after turn.
 */
public final class Turn {
    /** Beyond so many ranges that are not side by side they are given out: each of them costs every seat something. */
    private static final int MOST_RANGES = 16;

    private static final int FIRST_CAPACITY = 16;

    private final Batch read;
    private final Batch all;
    private final Batch around;
    private Side side; // null: nobody has been read
    private long deliveries;

    // The ranges of all members: whoever gets all of it gets these.
    private final int[] starts = new int[MOST_RANGES];
    private final int[] ends = new int[MOST_RANGES];
    private int ranges;

    // What each member has of them, in the order of the block; those of one member are chained.
    private Seat[] senders = new Seat[FIRST_CAPACITY];
    private int[] ownStarts = new int[FIRST_CAPACITY];
    private int[] ownEnds = new int[FIRST_CAPACITY];
    private int[] next = new int[FIRST_CAPACITY];
    private int count;

    /** How many messages {@link #all} has, once somebody has asked; else -1. */
    private int messages = -1;

    /**
     * Make one.
     *
     * @param block into which the members are read, each behind the one before
     */
    public Turn(Block block) {
        this.read = new Batch(block);
        this.all = new Batch(block);
        this.around = new Batch(block);
    }

    /**
     * {@return the batch with which this member is to publish what has been read of it: the same for all, and empty}
     *
     * @param member of the same side as those before it in this turn
     */
    public Batch of(Membership member) {
        if (side == null && member instanceof Seat seat) {
            side = seat.side();
            side.begin(this);
        }
        return read.clear();
    }

    /** Give everybody what was published; the next turn may be another side's. */
    public void end() {
        if (side != null) {
            side.end(this);
            side = null;
        }
        deliveries = 0;
    }

    /** {@return how often somebody was given something in this turn, or passed over, so far} */
    public long deliveries() {
        return deliveries;
    }

    void delivered(int seats) {
        deliveries += seats;
    }

    /** {@return whether this was read in this turn: what is published from other memory goes out at once} */
    boolean isOf(Batch batch) {
        return batch == read;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** {@return whether one more range might find no room} */
    boolean isFull() {
        return ranges == MOST_RANGES;
    }

    /** Note what this member, which takes streams as all that are read do, publishes: one range, behind all noted before. */
    void note(Seat sender) {
        int start = read.offset(0);
        int end = start + read.length(0);
        all.clear();
        messages = -1;
        if (ranges > 0 && ends[ranges - 1] == start) {
            ends[ranges - 1] = end;
        } else {
            starts[ranges] = start;
            ends[ranges++] = end;
        }
        if (count > 0 && senders[count - 1] == sender && ownEnds[count - 1] == start) {
            ownEnds[count - 1] = end;
            return;
        }
        makeRoom();
        senders[count] = sender;
        ownStarts[count] = start;
        ownEnds[count] = end;
        next[count] = -1;
        if (sender.firstOfTurn < 0) {
            sender.firstOfTurn = count;
        } else {
            next[sender.lastOfTurn] = count;
        }
        sender.lastOfTurn = count++;
    }

    /** {@return the last that published} */
    Seat lastSender() {
        return senders[count - 1];
    }

    /** {@return what all have published; until the next is noted} */
    Batch all() {
        if (all.count() == 0) {
            for (int i = 0; i < ranges; i++) {
                all.add(starts[i], ends[i] - starts[i]);
            }
        }
        return all;
    }

    /** {@return what this one gets of it: all but its own; until the next call} */
    Batch of(Seat seat) {
        int own = seat.firstOfTurn;
        if (own < 0) {
            return all();
        }
        around.clear();
        for (int i = 0; i < ranges; i++) {
            int from = starts[i];
            for (; own >= 0 && ownStarts[own] < ends[i]; own = next[own]) {
                addAround(from, ownStarts[own]);
                from = ownEnds[own];
            }
            addAround(from, ends[i]);
        }
        return around;
    }

    private void addAround(int from, int to) {
        if (from < to) {
            around.add(from, to - from);
        }
    }

    /** {@return how many messages {@link #of(Seat)} has; no byte is counted more than twice, however many ask} */
    int messages(Seat seat, Framing framing) {
        if (messages < 0) {
            messages = all().messages(framing);
        }
        if (seat.firstOfTurn < 0) {
            return messages;
        }
        if (!framing.isFramed()) {
            return of(seat).messages(framing);
        }
        around.clear();
        for (int own = seat.firstOfTurn; own >= 0; own = next[own]) {
            addAround(ownStarts[own], ownEnds[own]);
        }
        return messages - around.messages(framing);
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            senders[i].firstOfTurn = -1;
        }
        Arrays.fill(senders, 0, count, null); // nobody is kept from the collector
        count = 0;
        ranges = 0;
        messages = -1;
        all.clear();
        around.clear();
    }

    private void makeRoom() {
        if (count == senders.length) {
            senders = Arrays.copyOf(senders, 2 * count);
            ownStarts = Arrays.copyOf(ownStarts, 2 * count);
            ownEnds = Arrays.copyOf(ownEnds, 2 * count);
            next = Arrays.copyOf(next, 2 * count);
        }
    }
}
