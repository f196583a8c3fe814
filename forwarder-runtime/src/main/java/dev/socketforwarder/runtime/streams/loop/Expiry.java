package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;

/**
 * Lets the deadlines of a loop pass only after a poll that began when they were due, and when every member has been read that
 * this poll, or one before, found something of: after a pause of the process what came in time still counts. On the loop's thread.
 */
final class Expiry {
    private final Deadlines deadlines;
    private long pollNs;
    private long dueNs;
    private boolean expires; // what was due at dueNs, as soon as nobody is unread
    private int round; // of deadlines; who was noted in this one was so after its poll
    private int noted; // members to be read
    private int unread; // those noted before this round

    Expiry(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** {@return whether something is due, so that the poll that begins now must not wait} */
    boolean isDue() {
        pollNs = System.nanoTime();
        return deadlines.isDue(pollNs);
    }

    /** The poll that began with {@link #isDue} is over. */
    void polled() {
        if (!expires && deadlines.isDue(pollNs)) {
            expires = true;
            dueNs = pollNs;
            unread = noted;
            round++;
        }
    }

    /** {@return the round in which a member was noted, to be read} */
    int note() {
        noted++;
        return round;
    }

    /** A member that was noted in {@code when} is being read. */
    void read(int when) {
        noted--;
        if (when != round) {
            unread--;
        }
    }

    /** Do what is due, if what came before has been read. */
    void expire() {
        if (expires && unread == 0) {
            expires = false;
            deadlines.expire(dueNs);
        }
    }
}
