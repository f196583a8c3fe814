package dev.socketforwarder.api;

import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;

/**
 * An endpoint's own thread with its selector, made by the runtime: it runs from before {@link Endpoint#start} until after
 * {@link Endpoint#stop}, and is named after the endpoint. It owns the endpoint's members: a plugin's join with it, and
 * with no other owner. Not for implementation by plugins.
 *
 * <p>A turn: what is ready ({@link Ready}), deadlines, tasks ({@link #execute}), flushes ({@link #flushLater}); then it
 * waits for the next. Whatever runs in a turn must not block: while it does, the endpoint's members get nothing, and
 * past {@code stall-timeout} they are closed. What it throws is logged with the endpoint's name, and costs what is said at each
 * method; nobody else's traffic waits.
 *
 * <p>{@link #execute} and {@link #call} may be called by any thread, all else on this one.
 */
public interface EndpointLoop extends Owner {

    /** What is done when a channel is ready. */
    @FunctionalInterface
    interface Ready {
        /**
         * Do what the channel is ready for.
         *
         * @param key the channel's; its interest may be changed
         * @throws IOException if the channel failed: it is closed then, and {@link #failed} is called
         */
        void onReady(SelectionKey key) throws IOException;

        /**
         * Let go of what belonged to the channel, which is closed already: {@link #onReady} threw.
         *
         * @param thrown logged already, unless it is an {@link IOException}
         */
        default void failed(Throwable thrown) {}
    }

    /**
     * Be told when a channel is ready. To end it, close the channel; or cancel its key, on this thread, to give the channel
     * to somebody else ({@link Streams#join}, say).
     *
     * @param channel in non-blocking mode
     * @param operations of {@link SelectionKey}, 0 for none at first
     * @param ready told on this thread
     * @return the channel's key
     * @throws IOException if the channel is closed
     */
    SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException;

    /**
     * {@return what is due at a time, on this thread}
     */
    Deadlines deadlines();

    /**
     * Write to a member before this thread waits again. Asked again before that, it is done once.
     *
     * @param member who was given something; closed for {@link Reason#INTERNAL_ERROR} if {@code flush} throws
     * @param flush writes what waits, as far as the peer takes it
     */
    void flushLater(Member member, Runnable flush);

    /** Do now all that {@link #flushLater} was asked for. After that no queue refers to a borrowed block any more. */
    void flushNow();

    /**
     * {@return whether the caller runs on this thread}
     */
    boolean isCurrent();

    /**
     * Run a task on this thread, and wait for its end. For {@link Endpoint#start} and what follows it, which run on other
     * threads.
     *
     * @param task what is to be done
     * @param limit the longest wait
     * @return whether it was done in time and threw nothing
     */
    boolean call(Runnable task, Duration limit);
}
