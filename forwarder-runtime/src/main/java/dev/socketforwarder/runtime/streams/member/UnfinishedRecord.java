package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.util.concurrent.TimeUnit;

/**
 * Ends a member that begins a TLS record and does not finish it, whether the peer is silent or trickles. The time
 * during which the member is not read does not count, since no record can be finished then. Used on the group's loop.
 */
final class UnfinishedRecord {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(30);
    /**
     * The time for one more read after the limit: after a pause of the process, the rest of the record may be there
     * already.
     */
    private static final long LAST_CHANCE_NS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private Deadlines.Deadline check; // null: no check is due
    private long fromNs; // the time before does not count
    private boolean isLastChance;

    UnfinishedRecord(Connection connection, Wire wire, EventLoop loop) {
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
    }

    /** A part of a record was read. */
    void onRead() {
        if (check == null) {
            fromNs = System.nanoTime();
            isLastChance = false;
            checkIn(LIMIT_NS);
        }
    }

    private void checkIn(long delayNs) {
        check = loop.deadlines().in(delayNs, this::check);
    }

    private void check() {
        check = null;
        var sinceNs = wire.unfinishedSinceNs();
        if (sinceNs.isEmpty() || !connection.isMember()) {
            return;
        }
        long nowNs = System.nanoTime();
        if (!connection.reading().isWanted()) {
            fromNs = nowNs;
        }
        long beginNs = sinceNs.getAsLong() - fromNs > 0 ? sinceNs.getAsLong() : fromNs;
        long leftNs = LIMIT_NS - (nowNs - beginNs);
        if (leftNs > 0) {
            isLastChance = false;
            checkIn(leftNs);
        } else if (isLastChance) {
            connection.close(Reason.TLS_FAILED);
        } else {
            isLastChance = true;
            loop.ready(connection);
            checkIn(LAST_CHANCE_NS);
        }
    }

    /** Stop checking, because the member leaves. */
    void cancel() {
        if (check != null) {
            check.cancel();
        }
    }
}
