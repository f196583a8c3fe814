package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.ResetProbe;
import java.nio.channels.SelectionKey;
import java.util.concurrent.TimeUnit;

/**
 * Keeps the interest of a member's key: the events that the selector reports. While a member is interested in no event, probes
 * look for a reset of the connection. Used on the group's loop.
 */
final class Interest {
    /** The interest of a connection whose first message is read. */
    static final int FIRST = SelectionKey.OP_READ;

    /**
     * How long a paused member is kept after a reset of its connection, so that the input before the reset can still be
     * read.
     */
    private static final long UNREAD_NS = TimeUnit.SECONDS.toNanos(3);

    private final Connection connection;
    private final EventLoop loop;
    private final Reading reading;
    private final Writing writing;
    private final SelectionKey key;

    private int ops = FIRST;
    private long resetNs; // when a probe first found the connection reset; 0: no probe did
    private boolean awaitsTurn; // without interest in reads, until the loop reads the member

    Interest(Connection connection, EventLoop loop, Reading reading, Writing writing, SelectionKey key) {
        this.connection = connection;
        this.loop = loop;
        this.reading = reading;
        this.writing = writing;
        this.key = key;
    }

    /** Make the interest what the member's state demands. */
    void update() {
        if (connection.isClosed()) {
            return;
        }
        // A leaving member is read only to find its peer's end. Interest in reads after that end would make the loop
        // spin.
        boolean reads = connection.isLeaving() ? !reading.hasEnded() : reading.isWanted() && !awaitsTurn;
        int wanted = (reads ? SelectionKey.OP_READ : 0) | (writing.isBlocked() ? SelectionKey.OP_WRITE : 0);
        if (ops != wanted) {
            ops = wanted;
            key.interestOps(wanted);
        }
        if (wanted == 0 && !awaitsTurn) {
            loop.probeForReset(connection);
        }
    }

    /** Report no input until {@link #haveTurn}. */
    void awaitTurn() {
        awaitsTurn = true;
        update();
    }

    void haveTurn() {
        if (awaitsTurn) {
            awaitsTurn = false;
            update();
        }
    }

    /** {@return whether a probe begins: the member is interested in nothing} */
    boolean beginProbe() {
        if (connection.isClosed() || ops != 0 || !key.isValid()) {
            return false;
        }
        ops = ResetProbe.INTEREST;
        key.interestOps(ops);
        return true;
    }

    void endProbe() {
        if (key.isValid()) {
            update();
        }
    }

    /**
     * {@return whether the reset that a probe found ends the connection now} What the peer sent before the reset belongs
     * to the others, so the connection is kept for a while if those bytes may still be read.
     */
    boolean isEndedByReset() {
        long nowNs = System.nanoTime();
        resetNs = resetNs == 0 ? nowNs : resetNs;
        return reading.hasEnded() || nowNs - resetNs >= UNREAD_NS && reading.isOfTcp();
    }
}
