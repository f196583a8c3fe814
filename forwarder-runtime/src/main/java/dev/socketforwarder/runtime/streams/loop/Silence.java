package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;

/**
 * Notices when something that is awaited does not happen for a time, or up to a quarter of it longer: that it happens
 * costs no look at the clock, and to wait again and again no new deadline. Used on the thread of its deadlines.
 */
public final class Silence {
    private static final int PARTS = 4;

    private final Deadlines deadlines;
    private final long partNs;
    private final Runnable onPart;
    private final Runnable onOver;
    private Deadlines.Deadline check; // null: none is due
    private boolean awaited;
    private boolean heard;
    private int silentParts;

    /**
     * Make one that waits for nothing yet.
     *
     * @param deadlines those of the thread that uses it
     * @param limitNs the longest silence, in nanoseconds; 0 is for ever, so that it notices nothing
     * @param onOver what is done when it was silent for so long
     */
    public Silence(Deadlines deadlines, long limitNs, Runnable onOver) {
        this(deadlines, limitNs, () -> {}, onOver);
    }

    /**
     * Make one where it may happen unnoticed: then it is found out by looking, for which there is time.
     *
     * @param deadlines those of the thread that uses it
     * @param limitNs the longest silence, in nanoseconds; 0 is for ever, so that it notices nothing
     * @param onPart looks closer, after each part of that time, {@link #isSilent} or not; calls {@link #heardUnseen} if it did
     *     happen
     * @param onOver what is done when it was silent for so long; {@link #heardUnseen} still takes it back
     */
    public Silence(Deadlines deadlines, long limitNs, Runnable onPart, Runnable onOver) {
        this.deadlines = deadlines;
        this.onPart = onPart;
        this.partNs = Math.ceilDiv(limitNs, PARTS);
        this.onOver = onOver;
    }

    /** Wait from now on, if not already. */
    public void begin() {
        if (awaited || partNs == 0) {
            return;
        }
        awaited = true;
        silentParts = 0;
        heard = check != null; // the part that runs is not a whole one
        if (check == null) {
            checkLater();
        }
    }

    /** It happened. */
    public void heard() {
        heard = true;
    }

    /** It had happened by now, as is found out only after the silence was noticed. */
    public void heardUnseen() {
        silentParts = 0;
        if (awaited && check == null) {
            checkLater();
        }
    }

    /**
     * {@return whether nothing was heard in the last part of the time that is over}
     */
    public boolean isSilent() {
        return silentParts > 0;
    }

    /** Wait no more. */
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
