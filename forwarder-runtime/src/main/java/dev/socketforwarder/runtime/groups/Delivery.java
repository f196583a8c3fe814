package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.charset.StandardCharsets;

/** Gives what is published to the members of one side, each in its form, as far as it may. Used on the side's owner's thread. */
final class Delivery {
    private final Side side;
    private final Seats seats;
    private final Conversion conversion;

    Delivery(Side side, Seats seats) {
        this.side = side;
        this.seats = seats;
        this.conversion = new Conversion(side.group().rules(), side.backlog());
    }

    /** Deliver to all but {@code sender} (null: it is on another side). */
    void deliver(Seat sender, Batch batch, boolean pausable) {
        boolean mayDrop = mayDrop(pausable);
        int places = seats.begin();
        try {
            for (int i = 0; i < places && !side.isAbandoned(); i++) { // one that hung would hang at the next too
                var seat = seats.at(i);
                if (seat == null || seat == sender) {
                    continue;
                }
                if (mayDrop && seat.queue().isFull()) {
                    leaveOut(seat, messages(batch));
                } else {
                    tellMissed(seat);
                    give(seat, batch, mayDrop);
                }
            }
        } finally {
            seats.end();
            conversion.end();
        }
    }

    /**
     * Deliver to the next members what the others have published in this turn.
     *
     * @param most how many of them
     * @return whether all have got it
     */
    boolean deliver(Turn turn, int most) {
        if (!turn.isBegun()) {
            turn.begin(seats.begin());
        }
        int place;
        for (int left = most; left > 0 && (place = turn.nextPlace()) >= 0; left--) {
            var seat = seats.at(place);
            if (seat != null) {
                deliver(turn, seat);
            }
        }
        conversion.end();
        if (turn.isDone()) {
            seats.end();
        }
        return turn.isDone();
    }

    /** Deliver to one what the others have published in this turn so far. */
    void deliverTo(Seat seat, Turn turn) {
        deliver(turn, seat);
        conversion.end();
    }

    private void deliver(Turn turn, Seat seat) {
        var batch = turn.of(seat);
        if (batch.count() == 0) {
            return;
        }
        boolean mayDrop = mayDrop(true);
        if (mayDrop && seat.queue().isFull()) {
            leaveOut(seat, turn.messages(seat, side.group().rules().framing()));
        } else {
            tellMissed(seat);
            give(seat, batch, mayDrop);
        }
    }

    private void leaveOut(Seat seat, int messages) {
        seat.missed += messages;
        side.count(Reason.MEMBER_FULL, messages);
    }

    private void give(Seat seat, Batch batch, boolean mayDrop) {
        try {
            var taken = batch;
            if (conversion.isNeeded(seat, batch)) {
                taken = conversion.of(batch, seat.member().largestMessage());
                side.count(Reason.UNFRAMEABLE, taken.leftOut());
            }
            if (taken.count() > 0) {
                seat.member().deliver(taken);
            }
        } catch (OutOfQueueException _) {
            lose(seat, messages(batch), mayDrop);
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            side.fail(seat, e);
        }
    }

    private int messages(Batch batch) {
        return batch.messages(side.group().rules().framing());
    }

    /** All members miss so many messages, for which there was no memory. */
    void lose(int messages, boolean pausable) {
        boolean mayDrop = mayDrop(pausable);
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                var seat = seats.at(i);
                if (seat != null) {
                    lose(seat, messages, mayDrop || seat.form() == Batch.Form.MESSAGES);
                }
            }
        } finally {
            seats.end();
        }
    }

    private void lose(Seat seat, int messages, boolean mayDrop) {
        if (mayDrop) {
            seat.missed += messages;
            side.count(Reason.OUT_OF_QUEUE, messages);
        } else {
            side.end(seat, Reason.OUT_OF_QUEUE); // a gap that nobody was told of
        }
    }

    /** {@return whether a message may be left out for a member that is full} */
    private boolean mayDrop(boolean pausable) {
        return !pausable || side.group().rules().slowMember() == SlowMember.DROP;
    }

    /** Tell a member how many messages it missed, if any. */
    void tellMissed(Seat seat) {
        if (seat.missed == 0) {
            return;
        }
        var notice = side.group().rules().gapNotice();
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
}
