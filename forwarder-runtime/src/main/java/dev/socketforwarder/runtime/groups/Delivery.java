package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.OutOfQueueException;
import java.nio.charset.StandardCharsets;

/**
 * Delivers published batches to the members of one side, each in its form, within the limits of its queue. Used on the
 * thread of the side's owner.
 */
final class Delivery {
    private final Side side;
    private final Seats seats;
    private final Conversion conversion;

    Delivery(Side side, Seats seats, Conversion conversion) {
        this.side = side;
        this.seats = seats;
        this.conversion = conversion;
    }

    /** Deliver to all members but {@code sender}, which is null if the sender is on another side. */
    void deliver(Seat sender, Batch batch, boolean pausable) {
        boolean mayDrop = mayDrop(pausable);
        int places = seats.begin();
        try {
            for (int i = 0;
                    i < places && !side.isAbandoned();
                    i++) { // after one member's code hung, the next would hang too
                var seat = seats.at(i);
                if (seat == null || seat == sender) {
                    continue;
                }
                if ((mayDrop || seat.isBridge()) && seat.queue().isFull()) {
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
     * @param most the most members to serve
     * @return whether all members are served
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

    /** Deliver to one member what the others have published in this turn so far. */
    void deliverTo(Seat seat, Turn turn) {
        deliver(turn, seat);
        conversion.end();
    }

    private void deliver(Turn turn, Seat seat) {
        var encoded = turn.encoded(seat);
        boolean mayDrop = mayDrop(true);
        boolean isLeftOut = (mayDrop || seat.isBridge()) && seat.queue().isFull();
        if (encoded != null && !isLeftOut) {
            giveEncoded(turn, seat, encoded, mayDrop);
            return;
        }
        var batch = turn.of(seat);
        if (batch.count() == 0) {
            return;
        }
        if (isLeftOut) {
            leaveOut(seat, turn.messages(seat, framing()));
        } else {
            tellMissed(seat);
            give(seat, batch, mayDrop);
        }
    }

    private void giveEncoded(Turn turn, Seat seat, Encoded encoded, boolean mayDrop) {
        try {
            var batch = encoded.of(turn, seat);
            int unframeable = encoded.leftOut(turn, seat);
            if (unframeable > 0) {
                side.count(Reason.UNFRAMEABLE, unframeable);
            }
            if (batch.count() > 0) {
                tellMissed(seat);
                hand(seat, batch);
            }
        } catch (OutOfQueueException _) {
            lose(seat, turn.messages(seat, framing()), mayDrop || seat.isBridge());
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            side.fail(seat, e);
        }
    }

    private Framing framing() {
        return side.group().rules().framing();
    }

    private void leaveOut(Seat seat, int messages) {
        leftOut(seat, messages);
        side.count(Reason.MEMBER_FULL, messages);
    }

    private void leftOut(Seat seat, int messages) {
        if (!seat.isBridge()) { // a bridge would pass the notice on
            seat.missed += messages;
        }
        seat.traffic().leftOut(messages);
        side.traffic().leftOut(messages);
    }

    private void give(Seat seat, Batch batch, boolean mayDrop) {
        try {
            var taken = batch;
            if (conversion.isNeeded(seat, batch)) {
                taken = conversion.of(batch, seat);
                side.count(Reason.UNFRAMEABLE, taken.leftOut());
            }
            if (taken.count() > 0) {
                hand(seat, taken);
            }
        } catch (OutOfQueueException _) {
            lose(seat, messages(batch), mayDrop || seat.isBridge());
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            side.fail(seat, e);
        }
    }

    private void hand(Seat seat, Batch fitting) {
        seat.traffic().out(fitting.bytes());
        side.traffic().out(fitting.bytes());
        seat.member().deliver(fitting);
    }

    private int messages(Batch batch) {
        return batch.messages(framing());
    }

    /** Count messages as lost for every member, because memory ran out. */
    void lose(int messages, boolean pausable) {
        boolean mayDrop = mayDrop(pausable);
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                var seat = seats.at(i);
                if (seat != null) {
                    lose(seat, messages, mayDrop || seat.isBridge() || seat.form() == Batch.Form.MESSAGES);
                }
            }
        } finally {
            seats.end();
        }
    }

    private void lose(Seat seat, int messages, boolean mayDrop) {
        if (mayDrop) {
            leftOut(seat, messages);
            side.count(Reason.OUT_OF_QUEUE, messages);
        } else {
            side.end(seat, Reason.OUT_OF_QUEUE); // a gap in the member's stream would stay hidden
        }
    }

    /** {@return whether a message may be left out for a full member} */
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
            var kept = conversion.keep(text, seat);
            seat.missed = 0;
            give(seat, kept, true);
            kept.release();
        } catch (OutOfQueueException _) {
            // There is no memory for the notice either, so the notice goes out later.
        }
    }
}
