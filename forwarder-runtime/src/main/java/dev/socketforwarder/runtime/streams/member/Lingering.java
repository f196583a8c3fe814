package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection whose peer has not ended its side: shuts the output, then discards input until the peer ends or
 * falls silent. A close with unread input would reset the connection, and the peer would lose what it has not read yet.
 */
final class Lingering {
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /**
     * The longest wait. A peer that never stops sending does not notice the end of our output, and must not hold up the
     * stop.
     */
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(2);

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final Reason reason;
    private final long begunNs = System.nanoTime();
    private boolean heard;
    private boolean shut;

    Lingering(Connection connection, Wire wire, EventLoop loop, Reason reason) {
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
        this.reason = reason;
    }

    void begin() {
        shutOutput();
        awaitSilence();
    }

    /**
     * Shut the output, unless that is done already.
     *
     * @return false if the peer must take more first
     */
    boolean shutOutput() {
        try {
            shut = shut || wire.finish();
        } catch (IOException _) {
            connection.close(reason); // the peer is gone already
        }
        return shut;
    }

    private void awaitSilence() {
        heard = false;
        loop.deadlines().in(SILENCE_NS, () -> {
            if ((heard || !shut) && System.nanoTime() - begunNs < LONGEST_NS) {
                awaitSilence();
            } else {
                connection.close(reason);
            }
        });
    }

    void discard() {
        try {
            int n = wire.discard(loop.scratch());
            if (n < 0) {
                connection.close(reason);
            } else {
                connection.shared().unread(n);
            }
            heard = true;
        } catch (IOException _) {
            connection.close(reason);
        }
    }
}
