package dev.socketforwarder.runtime.streams.member;

import dev.socketforwarder.runtime.streams.loop.Outstanding;

/** How far one connection is still read at the stop: what its kernel buffer held, but no flood. */
final class Quiescence {
    private final Outstanding outstanding;
    private long leftBytes;
    private boolean ended;

    Quiescence(Outstanding outstanding, long mostBytes) {
        this.outstanding = outstanding;
        this.leftBytes = mostBytes;
        outstanding.add();
    }

    /** {@return whether a read that brought {@code n} bytes (0 or less: none were there) was the last} */
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
