package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.runtime.groups.Turn;
import java.nio.ByteBuffer;

/** What an event loop knows of a member: how it is read, given what others send, and written to. Used on the loop's thread. */
public abstract class LoopMember implements EventLoop.Selectable {
    /** Whether it is noted to be read. */
    boolean readyListed;

    /** When it was noted, as {@link Expiry} counts. */
    int readyRound;

    /** Whether it is to be probed for a reset. */
    boolean probeListed;

    /** {@return the place of its group} */
    protected abstract LoopGroup group();

    @Override
    public EventLoop loop() {
        return group().loop();
    }

    /** {@return how many bytes of the loop's buffer must be free before those that are read} */
    protected abstract int gap();

    /**
     * Read what is there, if this member may be read.
     *
     * @return how many bytes, from {@code into}'s old position on; 0 or less: nothing to publish
     */
    protected abstract int read(ByteBuffer into);

    /**
     * Give the others what was read into the loop's block, as far as it is whole.
     *
     * @param from where the block has room
     * @param start where what was read begins, behind a {@link #gap}
     * @return where the block has room now: what is unfinished has been carried away
     */
    protected abstract int publish(Turn turn, int from, int start, int length);

    /**
     * Write what waits, as far as the peer takes it.
     *
     * @return how many bytes it took
     */
    protected abstract long flush();

    /** Keep what was delivered, to be written in another turn. */
    protected abstract void keep();

    /** It is noted to be read, and many before it: the selector, which tells of some at a time, is to tell of others. */
    protected abstract void awaitTurn();

    /** It is read now. */
    protected abstract void haveTurn();

    /** {@return whether the next turn's selector tells of a reset; false: it does always, or the connection is closed} */
    protected abstract boolean beginProbe();

    /** The selector has told of a reset, if there was one. */
    protected abstract void endProbe();
}
