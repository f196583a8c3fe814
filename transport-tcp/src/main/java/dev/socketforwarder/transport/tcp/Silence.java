package dev.socketforwarder.transport.tcp;

/**
 * Notices when something that is awaited does not happen for a time, or up to a quarter of it longer: that it happens
 * costs no look at the clock, and to wait again and again no new deadline. On an event loop.
 */
final class Silence {
    private static final int PARTS = 4;

    private final EventLoop loop;
    private final long partNs;
    private final Runnable onOver;
    private Deadlines.Deadline check; // null: none is due
    private boolean awaited;
    private boolean heard;
    private int silentParts;

    /** Make one that waits for nothing yet; {@code limitNs} of 0 is for ever, so that it notices nothing. */
    Silence(EventLoop loop, long limitNs, Runnable onOver) {
        this.loop = loop;
        this.partNs = Math.ceilDiv(limitNs, PARTS);
        this.onOver = onOver;
    }

    /** Wait from now on, if not already. */
    void begin() {
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
    void heard() {
        heard = true;
    }

    /** Wait no more. */
    void end() {
        awaited = false;
    }

    /** Wait never again. */
    void cancel() {
        end();
        if (check != null) {
            check.cancel();
        }
    }

    private void checkLater() {
        check = loop.deadlines.in(partNs, this::check);
    }

    private void check() {
        check = null;
        silentParts = heard ? 0 : silentParts + 1;
        heard = false;
        if (awaited && silentParts < PARTS) {
            checkLater();
        } else if (awaited) {
            onOver.run();
        }
    }
}
