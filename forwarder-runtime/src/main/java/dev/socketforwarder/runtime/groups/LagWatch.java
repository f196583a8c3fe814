package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Reason;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Checks those members of one side that make others wait, and unfinished messages. Used on the thread of the side's
 * owner.
 */
final class LagWatch {
    private static final int PARTS = 16;

    private final Side side;
    private final Seats seats;

    private boolean stallCheckDue;
    private long stallCheckAtNs;
    private int stallCheck; // number of the check that is due; earlier ones are void
    private boolean unfinishedCheckDue;

    LagWatch(Side side, Seats seats) {
        this.side = side;
        this.seats = seats;
    }

    /** Schedule a check that closes the full {@code seat} if it stays full and takes too little. */
    void stalled(Seat seat) {
        long leftNs = stallTimeoutNs() - seat.queue().stalledNs();
        scheduleStallCheck(seat.member() instanceof PeerMember ? partNs() : leftNs);
    }

    private void scheduleStallCheck(long delayNs) {
        long atNs = side.group().shared().nanoClock().getAsLong() + delayNs;
        if (stallCheckDue && atNs - stallCheckAtNs >= 0) {
            return; // an earlier check is due
        }
        stallCheckDue = true;
        stallCheckAtNs = atNs;
        int check = ++stallCheck;
        schedule(() -> checkStalled(check), delayNs);
    }

    /** Measure how far the lagging members are, then close the stalled ones. */
    private void checkStalled(int check) {
        if (check != stallCheck) {
            return;
        }
        stallCheckDue = false;
        if (seats.stream().noneMatch(LagWatch::holdsUp)) {
            return; // no sender waits
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

    private static boolean holdsUp(Seat seat) {
        return seat.queue().isFull() && !seat.isBridge();
    }

    /** Close all stalled members at once, so that ten of them delay the others no longer than one. */
    private void closeStalled() {
        long nextNs = Long.MAX_VALUE;
        int places = seats.begin();
        try {
            for (int i = 0; i < places; i++) {
                var seat = seats.at(i);
                if (seat == null || !holdsUp(seat)) {
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

    /** {@return how often to measure members whose peers take bytes in large steps} */
    private long partNs() {
        return stallTimeoutNs() / PARTS;
    }

    private long stallTimeoutNs() {
        return side.group().rules().flow().stallTimeout().toNanos();
    }

    /** Schedule a check that discards a message if it stays unfinished. */
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

    /** {@return the time until the next check; {@link Long#MAX_VALUE} if the seat will report itself} */
    private long giveUpUnfinished(Seat seat, long timeoutNs) {
        long unfinishedNs = seat == null ? 0 : seat.unfinishedNs();
        if (unfinishedNs == 0) {
            return Long.MAX_VALUE;
        }
        if (unfinishedNs < timeoutNs) {
            return timeoutNs - unfinishedNs;
        }
        if (seat.member() instanceof PeerMember sender && sender.isHeldBack()) {
            return timeoutNs / PARTS; // the peer may have sent the rest
        }
        if (seat.isUnfinishedInCodec()) {
            side.endSoon(seat, Reason.MESSAGE_INCOMPLETE);
            return Long.MAX_VALUE;
        }
        if (!seat.deframer().giveUp()) {
            return timeoutNs;
        }
        side.count(Reason.MESSAGE_INCOMPLETE, 1);
        return Long.MAX_VALUE;
    }

    /** Run the check after what arrived during a pause of the process is read. */
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
            // The process stops, and its grace period bounds every wait.
        }
    }
}
