package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;

/**
 * Notices when an awaited event does not happen for a time; the notice comes up to a quarter of that time late. An
 * event costs no look at the clock, and waiting again costs no new deadline. Used on the thread of its deadlines.
 */
public final class Silence {
    private static final int PARTS = 4;

    private final Deadlines deadlines;
    private final long partNs;
    private final Runnable onPart;
    private final Runnable onOver;
    private Deadlines.Deadline check; // null: no check is due
    private boolean awaited;
    private boolean heard;
    private int silentParts;

    /**
     * Make a silence that waits for nothing yet.
     *
     * @param deadlines those of the thread that uses this object
     * @param limitNs the longest silence, in nanoseconds; 0 means for ever, so that no silence is noticed
     * @param onOver runs when the silence has lasted for that time
     */
    public Silence(Deadlines deadlines, long limitNs, Runnable onOver) {
        this(deadlines, limitNs, () -> {}, onOver);
    }

    /**
     * Make a silence for events that may happen unseen. A closer look then finds them, and there is time for such a
     * look.
     *
     * @param deadlines those of the thread that uses this object
     * @param limitNs the longest silence, in nanoseconds; 0 means for ever, so that no silence is noticed
     * @param onPart looks closer after each part of that time, whether or not {@link #isSilent}; calls {@link
     *     #heardUnseen} if the event did happen
     * @param onOver runs when the silence has lasted for that time; {@link #heardUnseen} can still take the silence
     *     back
     */
    public Silence(Deadlines deadlines, long limitNs, Runnable onPart, Runnable onOver) {
        this.deadlines = deadlines;
        this.onPart = onPart;
        this.partNs = Math.ceilDiv(limitNs, PARTS);
        this.onOver = onOver;
    }

    /** Wait from now on, unless already waiting. */
    public void begin() {
        if (awaited || partNs == 0) {
            return;
        }
        awaited = true;
        silentParts = 0;
        heard = check != null; // the part that is running already does not count
        if (check == null) {
            checkLater();
        }
    }

    /** Note that the event happened. */
    public void heard() {
        heard = true;
    }

    /** Note that a closer look has found an event that happened unseen. */
    public void heardUnseen() {
        silentParts = 0;
        if (awaited && check == null) {
            checkLater();
        }
    }

    /** {@return whether no event was heard in the last whole part of the time} */
    public boolean isSilent() {
        return silentParts > 0;
    }

    /** {@return whether no event was heard in the first half of the time, and the second half begins} */
    public boolean isHalfOver() {
        return silentParts == PARTS / 2;
    }

    /** Wait no longer. */
    public void end() {
        awaited = false;
    }

    /** Wait never again. */
    public void cancel() {
        end();
        if (check != null) {
            check.cancel();
        }
    }

    private void checkLater() {
        check = deadlines.in(partNs, this::check);
    }

    private void check() {
        check = null;
        silentParts = heard ? 0 : silentParts + 1;
        heard = false;
        if (!awaited) {
            return;
        }
        if (silentParts == PARTS) {
            onOver.run();
            return;
        }
        checkLater();
        onPart.run();
    }
}
