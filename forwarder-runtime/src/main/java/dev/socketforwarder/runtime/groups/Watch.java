package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Reason;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** Looks at times for the members of one side that let others wait. Used on the side's owner's thread. */
final class Watch {
    private static final int PARTS = 16;

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
        long leftNs = stallTimeoutNs() - seat.queue().stalledNs();
        scheduleStallCheck(seat.member() instanceof PeerMember ? partNs() : leftNs);
    }

    private void scheduleStallCheck(long delayNs) {
        long atNs = side.group().shared().nanoClock().getAsLong() + delayNs;
        if (stallCheckDue && atNs - stallCheckAtNs >= 0) {
            return; // one comes before
        }
        stallCheckDue = true;
        stallCheckAtNs = atNs;
        int check = ++stallCheck;
        schedule(() -> checkStalled(check), delayNs);
    }

    /** Find out how far those are who lag, then close the stalled ones. */
    private void checkStalled(int check) {
        if (check != stallCheck) {
            return;
        }
        stallCheckDue = false;
        if (seats.stream().noneMatch(seat -> seat.queue().isFull())) {
            return; // nobody waits for those who lag
        }
        var lagging = seats.stream()
                .filter(seat -> seat.queue().isLagging())
                .map(Seat::member)
                .filter(PeerMember.class::isInstance)
                .map(PeerMember.class::cast)
                .toList();
        if (lagging.isEmpty()) {
            closeStalled();
            return;
        }
        var unmeasured = new int[] {lagging.size()};
        for (var member : lagging) {
            member.measure(() -> {
                if (--unmeasured[0] == 0) {
                    closeStalled();
                }
            });
        }
    }

    /** Close all that are stalled at once, so that ten stalled members delay the others no longer than one. */
    private void closeStalled() {
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
                    nextNs =
                            Math.min(nextNs, seat.member() instanceof PeerMember ? Math.min(leftNs, partNs()) : leftNs);
                }
            }
        } finally {
            seats.end();
        }
        if (nextNs != Long.MAX_VALUE) {
            scheduleStallCheck(nextNs);
        }
    }

    /** {@return how often those are measured whose peer knows more than their queue: what they take comes in steps} */
    private long partNs() {
        return stallTimeoutNs() / PARTS;
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
        if (seat.member() instanceof PeerMember sender && sender.isHeldBack()) {
            return timeoutNs / PARTS; // it may have sent the rest
        }
        if (!seat.deframer().giveUp()) {
            return timeoutNs;
        }
        side.count(Reason.MESSAGE_INCOMPLETE, 1);
        return Long.MAX_VALUE;
    }

    /** What came while the process was paused came in time. */
    private void afterReading(Runnable check) {
        if (side.owner() instanceof LoopOwner owner) {
            owner.executeAfterReading(check);
        } else {
            side.owner().execute(check);
        }
    }

    private void schedule(Runnable check, long delayNs) {
        try {
            var timer = side.group().shared().timer();
            timer.schedule(() -> afterReading(check), Math.max(0, delayNs), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            // The process stops: its grace period bounds everybody.
        }
    }
}
