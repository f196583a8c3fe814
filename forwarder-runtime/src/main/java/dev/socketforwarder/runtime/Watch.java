package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Reason;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Looks at times for the members of one side that let others wait. Used on the side's owner's thread. */
final class Watch {
    private final Side side;
    private final Seats seats;

    private boolean stallCheckDue;
    private long stallCheckAtNs;
    private int stallCheck; // the number of the one that is due; those before it are void
    private boolean unfinishedCheckDue;

    Watch(Side side, Seats seats) {
        this.side = side;
        this.seats = seats;
    }

    /** See to it that {@code seat}, which is full, is closed if it stays so and takes too little. */
    void stalled(Seat seat) {
        scheduleStallCheck(stallTimeoutNs() - seat.queue().stalledNs());
    }

    private void scheduleStallCheck(long delayNs) {
        long atNs = side.group().shared().nanoClock().getAsLong() + delayNs;
        if (stallCheckDue && atNs - stallCheckAtNs >= 0) {
            return; // one comes before
        }
        stallCheckDue = true;
        stallCheckAtNs = atNs;
        int check = ++stallCheck;
        schedule(() -> closeStalled(check), delayNs);
    }

    /** Close all that are stalled at once, so that ten stalled members delay the others no longer than one. */
    private void closeStalled(int check) {
        if (check != stallCheck) {
            return;
        }
        stallCheckDue = false;
        long nextNs = Long.MAX_VALUE;
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                var seat = seats.at(i);
                if (seat == null || !seat.queue().isFull()) {
                    continue;
                }
                long leftNs = stallTimeoutNs() - seat.queue().stalledNs();
                if (leftNs <= 0) {
                    side.end(seat, Reason.STALLED);
                } else {
                    nextNs = Math.min(nextNs, leftNs);
                }
            }
        } finally {
            seats.end();
        }
        if (nextNs != Long.MAX_VALUE) {
            scheduleStallCheck(nextNs);
        }
    }

    private long stallTimeoutNs() {
        return side.group().rules().flow().stallTimeout().toNanos();
    }

    /** See to it that a message which is unfinished now is thrown away if it stays so. */
    void unfinished() {
        if (!unfinishedCheckDue) {
            scheduleUnfinishedCheck(side.group().rules().messageTimeout().toNanos());
        }
    }

    private void scheduleUnfinishedCheck(long delayNs) {
        unfinishedCheckDue = true;
        schedule(this::giveUpUnfinished, delayNs);
    }

    private void giveUpUnfinished() {
        unfinishedCheckDue = false;
        long timeoutNs = side.group().rules().messageTimeout().toNanos();
        long nextNs = Long.MAX_VALUE;
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                nextNs = Math.min(nextNs, giveUpUnfinished(seats.at(i), timeoutNs));
            }
        } finally {
            seats.end();
        }
        if (nextNs != Long.MAX_VALUE) {
            scheduleUnfinishedCheck(nextNs);
        }
    }

    /** {@return when it has to be looked at again, from now; {@link Long#MAX_VALUE}: not until it tells} */
    private long giveUpUnfinished(Seat seat, long timeoutNs) {
        long unfinishedNs = seat == null ? 0 : seat.deframer().unfinishedNs();
        if (unfinishedNs == 0) {
            return Long.MAX_VALUE;
        }
        if (unfinishedNs < timeoutNs) {
            return timeoutNs - unfinishedNs;
        }
        if (!seat.deframer().giveUp()) {
            return timeoutNs;
        }
        side.count(Reason.MESSAGE_INCOMPLETE, 1);
        return Long.MAX_VALUE;
    }

    private void schedule(Runnable check, long delayNs) {
        try {
            var timer = side.group().shared().timer();
            timer.schedule(() -> side.owner().execute(check), Math.max(0, delayNs), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The process stops: its grace period bounds everybody.
        }
    }
}
