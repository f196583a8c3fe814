package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.runtime.groups.Turn;
import java.nio.ByteBuffer;

/**
 * A member as its event loop knows it: the loop reads the member, delivers to it, and flushes it. Used on the loop's
 * thread.
 */
public abstract class LoopMember implements EventLoop.Selectable {
    /** Whether this member is noted to be read. */
    boolean readyListed;

    /** The round of {@link Expiry} in which this member was noted to be read. */
    int readyRound;

    /** {@return the place of this member's group} */
    protected abstract LoopGroup group();

    @Override
    public EventLoop loop() {
        return group().loop();
    }

    /** {@return how many bytes the loop's buffer must have free in front of what is read} */
    protected abstract int gap();

    /** {@return whether a read may end anywhere} Raw bytes that were sent together stay together. */
    protected abstract boolean mayCut();

    /**
     * Read what is there, if this member may be read now.
     *
     * @return how many bytes were read, from {@code into}'s old position on; 0: more of what was read before is to be published; below
     *     0: there is nothing to publish
     */
    protected abstract int read(ByteBuffer into);

    /**
     * Publish what was read into the loop's block, as far as messages are complete.
     *
     * @param from where the block's free room begins
     * @param start where what was read begins, behind a {@link #gap}
     * @param length how many bytes were read; 0 to publish more of what was read before
     * @return where the block's free room begins now; an unfinished message has been copied elsewhere
     */
    protected abstract int publish(Turn turn, int from, int start, int length);

    /**
     * Write what waits, as far as the kernel takes it.
     *
     * @return how many bytes the kernel took
     */
    protected abstract long flush();

    /** Copy what was delivered and not written, so that another turn can write it. */
    protected abstract void keep();

    /**
     * Give up the interest in reads. This member is noted to be read, but behind many others. The selector reports a
     * limited number of channels at a time, and is to report other members.
     */
    protected abstract void awaitTurn();

    /** Take up the interest in reads again, because this member is being read now. */
    protected abstract void haveTurn();

    /**
     * Begin a probe for a reset.
     *
     * @return whether the next turn ends the probe; false: no probe has begun, because the selector reports a reset
     *     anyway, or because the connection is closed
     */
    protected abstract boolean beginProbe();

    /** End the probe. The selector has reported the reset by now, if there was one. */
    protected abstract void endProbe();
}
