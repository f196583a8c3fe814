package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection that we close: output shut, input discarded until the peer's end or its silence. Closing with
 * input unread would reset the connection, and what the peer has not read yet would be lost.
 */
final class Lingering {
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** One that never stops sending does not read our end either, and must not hold up the stop. */
    private static final long LONGEST_NS = TimeUnit.SECONDS.toNanos(2);

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final long begunNs = System.nanoTime();
    private boolean heard;
    private boolean shut;

    Lingering(Connection connection, Wire wire, EventLoop loop) {
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
    }

    void begin() {
        shutOutput();
        awaitSilence();
    }

    /**
     * Shut the output, if it is not yet.
     *
     * @return false if the peer must first take more
     */
    boolean shutOutput() {
        try {
            shut = shut || wire.finish();
        } catch (IOException _) {
            connection.close(Reason.STOPPED); // the peer is gone already
        }
        return shut;
    }

    private void awaitSilence() {
        heard = false;
        loop.deadlines().in(SILENCE_NS, () -> {
            if ((heard || !shut) && System.nanoTime() - begunNs < LONGEST_NS) {
                awaitSilence();
            } else {
                connection.close(Reason.STOPPED);
            }
        });
    }

    void discard() {
        try {
            int n = wire.discard(loop.scratch());
            if (n < 0) {
                connection.close(Reason.STOPPED);
            } else {
                connection.shared().unread(n);
            }
            heard = true;
        } catch (IOException _) {
            connection.close(Reason.STOPPED);
        }
    }
}
