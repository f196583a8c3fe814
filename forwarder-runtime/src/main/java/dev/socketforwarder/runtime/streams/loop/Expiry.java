package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;

/**
 * Decides when the deadlines of a loop pass. A deadline passes only after a poll that began when the deadline was due,
 * and after every member that this poll or an earlier one found readable has been read. So what arrived in time still
 * counts after a pause of the process. Used on the loop's thread.
 */
final class Expiry {
    private final Deadlines deadlines;
    private long pollNs;
    private long dueNs;
    private boolean expires; // whether deadlines due at dueNs pass as soon as no member is unread
    private int round; // counts the polls after which deadlines were due
    private int noted; // members that are noted to be read
    private int unread; // members that were noted before this round, and are not read yet

    Expiry(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** {@return whether a deadline is due, so that the poll that begins now must not wait} */
    boolean isDue() {
        pollNs = System.nanoTime();
        return deadlines.isDue(pollNs);
    }

    /** Note that the poll that began with {@link #isDue} is over. */
    void polled() {
        if (!expires && deadlines.isDue(pollNs)) {
            expires = true;
            dueNs = pollNs;
            unread = noted;
            round++;
        }
    }

    /** {@return the round in which a member is noted to be read, which is now} */
    int note() {
        noted++;
        return round;
    }

    /** A member that was noted in the round {@code when} is being read. */
    void read(int when) {
        noted--;
        if (when != round) {
            unread--;
        }
    }

    /** Let the due deadlines pass, if all that came before has been read. */
    void expire() {
        if (expires && unread == 0) {
            expires = false;
            deadlines.expire(dueNs);
        }
    }
}
