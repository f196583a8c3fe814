package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * The end of a connection that we close: output shut, input discarded until the peer's end or its silence. Closing with
 * input unread would reset the connection, and what the peer has not read yet would be lost.
 */
final class Lingering {
    private static final long SILENCE_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /** How often it is waited for, where the peer does not take our word of the end. */
    private static final int MOST_WAITS = 4;

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private boolean heard;
    private boolean shut;
    private int waits;

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
        loop.deadlines.in(SILENCE_NS, () -> {
            if (heard || !shut && ++waits < MOST_WAITS) {
                awaitSilence();
            } else {
                connection.close(Reason.STOPPED);
            }
        });
    }

    void discard() {
        try {
            if (wire.socket().read(loop.scratch()) < 0) {
                connection.close(Reason.STOPPED);
            }
            heard = true;
        } catch (IOException _) {
            connection.close(Reason.STOPPED);
        }
    }
}
