package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.MessageKind;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

    /** With this many messages of codecs a pass is made, so that the arrays that describe them stay small. */
    private static final int MOST_MESSAGES = 16 * 1024;

    private final TurnRoom room;
    private final Batch read;
    private final Batch allRead;
    private final Batch aroundRead;
    private Side side; // null until a member is read
    private Batch all;
    private Batch around;
    private boolean isKept; // whether they refer to a copy

    // What codecs publish: one message, and all of this turn. Null until a codec publishes.
    private Batch message;
    private Batch messages;
    private long codecBytes;
    private boolean isOfMessages; // whether all notes are of such messages; else none is

    /** What the notes of streams contain, without frames; null until a member with an encoding asks. */
    private Batch bare;

    private boolean isBare; // whether that batch is up to date
    private final List<Encoded> encoded = new ArrayList<>(0); // holds what this turn was encoded to

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
    private int[] messageEnds =
            new int[FIRST_CAPACITY]; // how many messages there are up to each note, if that is known
    private int count;

    /** How many messages {@link #all} has; -1 until it is needed. */
    private int messageCount = -1;

    /**
     * Make a turn for one owner.
     *
     * @param block the block that members are read into, one after the other
     * @param room holds what codecs publish, and what is encoded
     */
    public Turn(Block block, TurnRoom room) {
        this.room = room;
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
     * Publish a message of a member's codec, together with the others of this turn.
     *
     * @throws dev.socketforwarder.api.buffer.OutOfQueueException if there is no memory for a large message
     */
    public void publish(Membership member, ByteBuffer bytes, MessageKind kind) {
        of(member);
        codecBytes += bytes.remaining();
        int at = room.add(bytes);
        if (at < 0) {
            publishAlone(member, bytes, kind);
            return;
        }
        if (message == null) {
            message = new Batch(room.messages(), Batch.Form.MESSAGES);
            messages = new Batch(room.messages(), Batch.Form.MESSAGES);
        }
        member.publish(message.clear().add(at, bytes.remaining(), kind));
    }

    /**
     * Publish a message of a member's codec at once.
     *
     * @throws dev.socketforwarder.api.buffer.OutOfQueueException if there is no memory for the message
     */
    public static void publishAlone(Membership member, ByteBuffer bytes, MessageKind kind) {
        if (member instanceof Seat seat) {
            var kept = seat.side().outgoing().keep(bytes, kind);
            member.publish(kept);
            kept.release();
        } else {
            var copy = ByteBuffer.allocateDirect(bytes.remaining()).put(bytes.duplicate());
            member.publish(new Batch(Block.borrowed(copy), Batch.Form.MESSAGES).add(0, copy.capacity(), kind));
        }
    }

    /**
     * End reading in this turn, and give the members what was published.
     *
     * @return whether all members have got it, so that another side may be read; otherwise {@link #resume} is due
     */
    public boolean end() {
        boolean over = side == null || isOver(side.end(this));
        deliveries = 0;
        codecBytes = 0;
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

    /** {@return how many bytes codecs have published in this turn, which may be many times as many as were read} */
    public long codecBytes() {
        return codecBytes;
    }

    void delivered(int seats) {
        deliveries += seats;
    }

    /** {@return whether the batch was read in this turn; what is published from other memory goes out at once} */
    boolean isOf(Batch batch) {
        return batch == read || batch == message && batch != null;
    }

    /** {@return whether this batch of the turn can be noted behind what is noted already} */
    boolean takes(Batch batch) {
        return !isFull() && (count == 0 || isOfMessages == (batch == message));
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** {@return whether there may be no room for another range} */
    boolean isFull() {
        return ranges == MOST_RANGES || isOfMessages && messages.count() >= MOST_MESSAGES;
    }

    /** Note what this member publishes, behind all noted before. */
    void note(Seat sender, Batch batch) {
        messageCount = -1;
        isBare = false;
        forgetEncoded(); // of a turn that was encoded for a member that left in its midst
        isOfMessages = batch == message;
        if (isOfMessages) {
            noteMessage(sender);
        } else {
            noteRange(sender);
        }
    }

    private void noteMessage(Seat sender) {
        messages.add(message.offset(0), message.length(0), message.kind(0));
        if (count == 0 || senders[count - 1] != sender) {
            chain(sender);
        }
        messageEnds[count - 1] = messages.count();
    }

    private void noteRange(Seat sender) {
        int start = read.offset(0);
        int end = start + read.length(0);
        all.clear();
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
        chain(sender);
        ownStarts[count - 1] = start;
        ownEnds[count - 1] = end;
    }

    private void chain(Seat sender) {
        makeRoom();
        senders[count] = sender;
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
        if (isOfMessages) {
            return isKept ? all : messages;
        }
        if (all.count() == 0) {
            for (int i = 0; i < ranges; i++) {
                all.add(starts[i], ends[i] - starts[i]);
            }
        }
        return all;
    }

    /** {@return what gives this seat the turn in the seat's encoding, or in frames; null if the seat takes it as it is} */
    Encoded encoded(Seat seat) {
        if (seat.encoded() == null && isOfMessages) {
            var conversion = side.conversion();
            boolean isTaken =
                    seat.takes(Batch.Form.MESSAGES, conversion.framing().isFramed());
            return isTaken ? null : conversion.framed();
        }
        return seat.encoded();
    }

    /** {@return everything published but the seat's own, as it was published, until the next call} */
    Batch of(Seat seat) {
        if (isOfMessages) {
            return seat.firstOfTurn < 0 ? all() : messagesAround(seat);
        }
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

    private Batch messagesAround(Seat seat) {
        var from = all();
        if (around.block() != from.block()) {
            around = new Batch(from.block(), Batch.Form.MESSAGES);
        }
        around.clear();
        for (int i = 0; i < count; i++) {
            for (int k = messagesBefore(i); senders[i] != seat && k < messageEnds[i]; k++) {
                around.add(from.offset(k), from.length(k), from.kind(k));
            }
        }
        return around;
    }

    /** {@return everything published as bare messages, until the next note} */
    Batch bare() {
        if (isOfMessages) {
            return all();
        }
        if (!isBare) {
            if (bare == null || bare.block() != all.block()) {
                bare = new Batch(all.block(), Batch.Form.MESSAGES);
            }
            bare.clear();
            var conversion = side.conversion();
            for (int i = 0; i < count; i++) {
                bare.addBare(
                        conversion.framing(), ownStarts[i], ownEnds[i] - ownStarts[i], conversion.maxMessageSize());
                messageEnds[i] = bare.count();
            }
            isBare = true;
        }
        return bare;
    }

    /** {@return how many messages of {@link #bare} come before this note} */
    int messagesBefore(int note) {
        return note == 0 ? 0 : messageEnds[note - 1];
    }

    /** {@return how many messages of {@link #bare} come before the end of this note} */
    int messagesUpTo(int note) {
        return messageEnds[note];
    }

    /** {@return the next note of the same sender; -1 if there is none} */
    int nextOfSame(int note) {
        return next[note];
    }

    TurnRoom room() {
        return room;
    }

    /** {@return whether the owner may read again before this turn is cleared} */
    boolean isKept() {
        return isKept;
    }

    /** Note what holds this turn in an encoding. */
    void encodedBy(Encoded by) {
        encoded.add(by);
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
        if (messageCount < 0) {
            messageCount = all().messages(framing);
        }
        if (seat.firstOfTurn < 0) {
            return messageCount;
        }
        if (isOfMessages || !framing.isFramed()) {
            return of(seat).messages(framing);
        }
        around.clear();
        for (int own = seat.firstOfTurn; own >= 0; own = next[own]) {
            addAround(ownStarts[own], ownEnds[own]);
        }
        return messageCount - around.messages(framing);
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
        for (int i = 0; i < ranges; i++) { // none if it is of messages
            int by = kept.offset(i) - starts[i];
            for (; own < count && ownStarts[own] < ends[i]; own++) {
                ownStarts[own] += by;
                ownEnds[own] += by;
            }
            starts[i] += by;
            ends[i] += by;
        }
        all = kept;
        around = new Batch(kept.block(), kept.form());
        isBare = false;
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
        messageCount = -1;
        places = -1;
        if (isKept) {
            isKept = false;
            all.release();
        }
        if (isOfMessages) {
            isOfMessages = false;
            messages.clear();
        }
        forgetEncoded();
        all = allRead;
        around = aroundRead;
        all.clear();
        around.clear();
    }

    private void forgetEncoded() {
        for (int i = 0; i < encoded.size(); i++) {
            encoded.get(i).clear();
        }
        encoded.clear();
    }

    private void makeRoom() {
        if (count == senders.length) {
            senders = Arrays.copyOf(senders, 2 * count);
            ownStarts = Arrays.copyOf(ownStarts, 2 * count);
            ownEnds = Arrays.copyOf(ownEnds, 2 * count);
            next = Arrays.copyOf(next, 2 * count);
            messageEnds = Arrays.copyOf(messageEnds, 2 * count);
        }
    }
}
