package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;
import java.nio.channels.SelectionKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Finds the resets of members that wait for nothing: those that are paused, or whose peer has shut its sending side.
 * The selector does not watch a channel without interest, so without a probe a reset channel would hold its descriptor
 * for ever. Used on one loop.
 *
 * <p>A probe is one turn with an interest in {@link SelectionKey#OP_CONNECT}. With that interest the selector reports
 * nothing of a connected channel, unless the channel has failed. All such members are probed twice a second, or less
 * often if there are so many that this would cost much. While there are none, nothing is due.
 */
public final class ResetProbe {
    /** The interest of a member that is being probed. */
    public static final int INTEREST = SelectionKey.OP_CONNECT;

    private static final long PERIOD_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final long SHORTEST_WAIT_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int MOST_IN_A_TURN = 128;

    private final Deadlines deadlines;
    private final LinkedHashSet<LoopMember> waiting = new LinkedHashSet<>();
    private final List<LoopMember> probed = new ArrayList<>(MOST_IN_A_TURN);
    private boolean isDue;

    ResetProbe(Deadlines deadlines) {
        this.deadlines = deadlines;
    }

    /** Probe this member from now on, while the member waits for nothing. */
    void watch(LoopMember member) {
        if (waiting.add(member)) {
            probeLater();
        }
    }

    /** Do not probe this member any more, because it is closed: the collector should have it at once. */
    void forget(LoopMember member) {
        waiting.remove(member);
    }

    private void probeLater() {
        if (!isDue && !waiting.isEmpty()) {
            isDue = true;
            int turns = Math.ceilDiv(waiting.size(), MOST_IN_A_TURN);
            deadlines.in(Math.max(SHORTEST_WAIT_NS, PERIOD_NS / turns), this::begin);
        }
    }

    private void begin() {
        isDue = false;
        for (int i = Math.min(MOST_IN_A_TURN, waiting.size()); i > 0; i--) {
            var member = waiting.removeFirst();
            if (member.beginProbe()) {
                probed.add(member);
            }
        }
        if (probed.isEmpty()) {
            probeLater();
        }
    }

    /** {@return whether the next turn ends a probe, so that its poll must not wait} */
    boolean isRunning() {
        return !probed.isEmpty();
    }

    /** End the probe, because the selector has reported the members that failed. */
    void end() {
        if (!probed.isEmpty()) {
            probed.forEach(LoopMember::endProbe); // members that still wait are watched again
            probed.clear();
            probeLater();
        }
    }
}
