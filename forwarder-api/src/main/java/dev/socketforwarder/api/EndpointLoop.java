package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;

/**
 * An endpoint's own thread and selector, which the runtime makes. The thread is named after the endpoint, and runs from before
 * {@link Endpoint#start} until after {@link Endpoint#stop}. The loop owns the endpoint's members: a plugin's members join
 * with this owner and no other.
 *
 * <p>A turn: what is ready ({@link Ready}), deadlines, tasks ({@link #execute}), flushes ({@link #flushLater}); then it
 * waits for the next. Whatever runs in a turn must not block: while it does, the endpoint's members get nothing, and
 * past {@code stall-timeout} they are closed. What it throws is logged with the endpoint's name, and costs what is said at each
 * method; nobody else's traffic waits.
 *
 * <p>{@link #execute} and {@link #call} may be called by any thread, all else on this one.
 */
@NotForImplementation
public interface EndpointLoop extends Owner {

    /** Handles the events of one channel. */
    @FunctionalInterface
    interface Ready {
        /**
         * Do what the channel is ready for.
         *
         * @param key the channel's; its interest may be changed
         * @throws IOException if the channel failed; the loop then closes the channel and calls {@link #failed}
         */
        void onReady(SelectionKey key) throws IOException;

        /**
         * Release the resources of a channel after {@link #onReady} threw. The channel is closed already.
         *
         * @param thrown the exception; already logged, unless it is an {@link IOException}
         */
        default void failed(Throwable thrown) {}
    }

    /**
     * Register a channel with this loop. To end the registration, close the channel. To hand the channel on (to {@link
     * Streams#join}, say), cancel its key on this thread.
     *
     * @param channel in non-blocking mode
     * @param operations of {@link SelectionKey}, 0 for none at first
     * @param ready called on this thread
     * @return the channel's key
     * @throws IOException if the channel is closed
     */
    SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException;

    /**
     * {@return the deadlines of this thread}
     */
    Deadlines deadlines();

    /**
     * Flush a member before this thread waits again. Several calls for one member before that cause one flush.
     *
     * @param member the member that has bytes queued; closed for {@link Reason#INTERNAL_ERROR} if {@code flush} throws
     * @param flush writes the queued bytes, as far as the peer takes them
     */
    void flushLater(Member member, Runnable flush);

    /** Run all flushes that {@link #flushLater} noted. Afterwards no queue refers to a borrowed block. */
    void flushNow();

    /**
     * {@return whether the caller runs on this thread}
     */
    boolean isCurrent();

    /**
     * Run a task on this thread, and wait for its end. Meant for {@link Endpoint#start}, {@link Endpoint#quiesce} and {@link
     * Endpoint#stop}, which run on other threads.
     *
     * @param task the task
     * @param limit the longest wait
     * @return whether the task ended in time and threw nothing
     */
    boolean call(Runnable task, Duration limit);
}
