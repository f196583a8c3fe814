package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection whose member has left its group: first writes what is queued, then closes. If the peer has not
 * ended its side, as at the stop, the connection lingers before the close.
 */
final class Leaving {
    private static final long CHECK_NS = TimeUnit.SECONDS.toNanos(1);

    private final Connection connection;
    private final Wire wire;
    private final EventLoop loop;
    private final Reading reading;
    private final Writing writing;
    private final Reason reason;
    private Lingering lingering; // null: not everything is written yet

    Leaving(Connection connection, Wire wire, EventLoop loop, Reading reading, Writing writing, Reason reason) {
        this.connection = connection;
        this.wire = wire;
        this.loop = loop;
        this.reading = reading;
        this.writing = writing;
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    void begin() {
        if (writing.isDone()) {
            onFlushed();
        } else {
            writing.flushLater();
            checkLater();
        }
    }

    private void checkLater() {
        loop.deadlines().in(CHECK_NS, this::check);
    }

    private void check() {
        if (!isOver()) {
            writing.measure(this::closeIfStalled);
        }
    }

    private void closeIfStalled() {
        if (isOver()) {
            return;
        }
        if (writing.isStalled()) {
            connection.close(Reason.FLUSH_TIMEOUT);
        } else {
            checkLater();
        }
    }

    private boolean isOver() {
        return connection.isClosed() || writing.isDone();
    }

    /** Go on, because the kernel has taken all that was queued. */
    void onFlushed() {
        if (reading.hasEnded()) {
            connection.close(reason);
            return;
        }
        if (lingering == null) {
            lingering = new Lingering(connection, wire, loop, reason);
            lingering.begin();
        }
        writing.awaitEnd(!lingering.shutOutput());
        connection.updateInterest();
    }

    /**
     * Read and discard input. With unread input, the close would reset the connection, and the peer would lose what was
     * just written.
     */
    void discard() {
        if (lingering != null) {
            lingering.discard();
            return;
        }
        try {
            int n = wire.discard(loop.scratch());
            if (n < 0) {
                reading.end();
                connection.updateInterest();
            } else {
                connection.shared().unread(n);
            }
        } catch (IOException _) {
            connection.close(reason);
        }
    }
}
