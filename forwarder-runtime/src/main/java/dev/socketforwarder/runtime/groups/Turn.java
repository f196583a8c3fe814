package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.util.Arrays;

/**
 * Collects what the members of one side publish while their owner reads them into one block, and gives it to all of
 * them in one pass. The work is then reads plus seats, not reads times seats. Most members get one range; each sender
 * gets the ranges around its own.
 *
 * <p>A pass over thousands of seats would hold up the owner's other groups, so it is divided. {@link #end} copies what
 * was published and serves the first members, and {@link #resume} serves the next. No member of this side may be read
 * until the pass is over. Used on the owner's thread, turn after turn.
 */
public final class Turn {
    /** With this many separate ranges a pass is made, since each range costs work at every seat. */
    private static final int MOST_RANGES = 16;

    private static final int FIRST_CAPACITY = 16;

    private final Batch read;
    private final Batch allRead;
    private final Batch aroundRead;
    private Side side; // null until a member is read
    private Batch all;
    private Batch around;
    private boolean isKept; // whether they refer to a copy

    // The progress of the pass.
    private int place;
    private int places = -1; // -1 until the pass begins
    private long deliveries;

    // The ranges of all members together; every member that sent nothing gets all of them.
    private final int[] starts = new int[MOST_RANGES];
    private final int[] ends = new int[MOST_RANGES];
    private int ranges;

    // The ranges of each sender in the order of the block; those of one sender are chained.
    private Seat[] senders = new Seat[FIRST_CAPACITY];
    private int[] ownStarts = new int[FIRST_CAPACITY];
    private int[] ownEnds = new int[FIRST_CAPACITY];
    private int[] next = new int[FIRST_CAPACITY];
    private int count;

    /** How many messages {@link #all} has; -1 until it is needed. */
    private int messages = -1;

    /**
     * Make a turn for one owner.
     *
     * @param block the block that members are read into, one after the other
     */
    public Turn(Block block) {
        this.read = new Batch(block);
        this.allRead = new Batch(block);
        this.aroundRead = new Batch(block);
        this.all = allRead;
        this.around = aroundRead;
    }

    /**
     * {@return the batch for publishing what is read from this member; the same, emptied, for all members}
     *
     * @param member a member of the same side as the others in this turn
     */
    public Batch of(Membership member) {
        if (side == null && member instanceof Seat seat) {
            side = seat.side();
            side.begin(this);
        }
        return read.clear();
    }

    /**
     * End reading in this turn, and give the members what was published.
     *
     * @return whether all members have got it, so that another side may be read; otherwise {@link #resume} is due
     */
    public boolean end() {
        boolean over = side == null || isOver(side.end(this));
        deliveries = 0;
        return over;
    }

    /**
     * Give the next members what was published.
     *
     * @return as {@link #end}
     */
    public boolean resume() {
        return side == null || isOver(side.resume());
    }

    private boolean isOver(boolean over) {
        if (over) {
            side = null;
        }
        return over;
    }

    /** {@return whether reading should end here, because one more range would cost a whole pass at once} */
    public boolean isToEnd() {
        return isFull() && side.isLarge();
    }

    /** {@return how many deliveries this turn has made so far, counting seats that were skipped} */
    public long deliveries() {
        return deliveries;
    }

    void delivered(int seats) {
        deliveries += seats;
    }

    /** {@return whether the batch was read in this turn; what is published from other memory goes out at once} */
    boolean isOf(Batch batch) {
        return batch == read;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** {@return whether there may be no room for another range} */
    boolean isFull() {
        return ranges == MOST_RANGES;
    }

    /** Note what this member publishes: one range behind all noted before. Members that are read take streams. */
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

    /** {@return the member that published last} */
    Seat lastSender() {
        return senders[count - 1];
    }

    /** {@return everything published, until the next range is noted} */
    Batch all() {
        if (all.count() == 0) {
            for (int i = 0; i < ranges; i++) {
                all.add(starts[i], ends[i] - starts[i]);
            }
        }
        return all;
    }

    /** {@return everything published but the seat's own, until the next call} */
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

    /**
     * {@return how many messages {@link #of(Seat)} has; no byte is counted more than twice, however often this is
     * called}
     */
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

    /**
     * Copy what was published, so that the owner may read again before all members have got it.
     *
     * @return whether there was memory for the copy
     */
    boolean keep(Backlog backlog) {
        Batch kept;
        try {
            kept = backlog.keep(all());
        } catch (OutOfQueueException _) {
            return false;
        }
        int own = 0;
        for (int i = 0; i < ranges; i++) {
            int by = kept.offset(i) - starts[i];
            for (; own < count && ownStarts[own] < ends[i]; own++) {
                ownStarts[own] += by;
                ownEnds[own] += by;
            }
            starts[i] += by;
            ends[i] += by;
        }
        all = kept;
        around = new Batch(kept.block());
        isKept = true;
        return true;
    }

    /** {@return the next place to serve; -1 if the pass is over} */
    int nextPlace() {
        return place < places ? place++ : -1;
    }

    /** {@return whether the pass has begun} */
    boolean isBegun() {
        return places >= 0;
    }

    /** Begin a pass over this many places. */
    void begin(int over) {
        place = 0;
        places = over;
    }

    /** {@return whether the pass has not yet reached this seat} */
    boolean comesTo(Seat seat) {
        return seat.index >= place && seat.index < places;
    }

    /** {@return whether all places are served} */
    boolean isDone() {
        return place == places;
    }

    void clear() {
        for (int i = 0; i < count; i++) {
            senders[i].firstOfTurn = -1;
        }
        Arrays.fill(senders, 0, count, null); // lets the collector have the seats
        count = 0;
        ranges = 0;
        messages = -1;
        places = -1;
        if (isKept) {
            isKept = false;
            all.release();
            all = allRead;
            around = aroundRead;
        }
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
