package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.runtime.streams.loop.Outstanding;

/**
 * Limits how far one connection is still read at the stop: all that its kernel buffer held is read, but no flood after
 * that.
 */
final class Quiescence {
    private final Outstanding outstanding;
    private long leftBytes;
    private boolean ended;

    Quiescence(Outstanding outstanding, long mostBytes) {
        this.outstanding = outstanding;
        this.leftBytes = mostBytes;
        outstanding.add();
    }

    /** {@return whether the read that brought {@code n} bytes was the last; 0 or less means that nothing was there} */
    boolean isOver(int n) {
        leftBytes -= Math.max(n, 0);
        if (n <= 0 || leftBytes <= 0) {
            end();
        }
        return ended;
    }

    void end() {
        if (!ended) {
            ended = true;
            outstanding.done();
        }
    }
}
