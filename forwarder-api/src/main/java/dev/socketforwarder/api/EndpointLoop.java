package dev.socketforwarder.api;

import dev.socketforwarder.api.annotation.NotForImplementation;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.time.Duration;

/**
 * Runs one endpoint's work on a thread and a selector of the endpoint's own. The runtime makes the loop. The thread is named
 * after the endpoint, and runs from before {@link Endpoint#start} until after {@link Endpoint#stop}. The loop owns the endpoint's
 * members: a plugin's members join with this owner and no other.
 *
 * <p>In each turn, the loop handles channels that are ready ({@link Ready}), then deadlines, then tasks ({@link #execute}), then
 * flushes ({@link #flushLater}). After that, the loop waits for the next event. Code that runs in a turn must not block: while
 * such code blocks, the endpoint's members receive nothing, and after {@code stall-timeout} the runtime closes these members. An
 * exception of such code is logged with the endpoint's name. The description of each method says what else the exception costs;
 * the traffic of other endpoints never waits.
 *
 * <p>Any thread may call {@link #execute} and {@link #call}. All other methods must be called on the loop's thread.
 */
@NotForImplementation
public interface EndpointLoop extends Owner {

    /** Handles the events of one channel. */
    @FunctionalInterface
    interface Ready {
        /**
         * Handle the operations for which the channel is ready.
         *
         * @param key the channel's key; this method may change its interest set
         * @throws IOException if the channel failed; the loop then closes the channel and calls {@link #failed}
         */
        void onReady(SelectionKey key) throws IOException;

        /**
         * Release the resources of a channel after {@link #onReady} threw. The loop has already closed the channel.
         *
         * @param thrown the exception, already logged unless it is an {@link IOException}
         */
        default void failed(Throwable thrown) {}
    }

    /**
     * Register a channel with this loop. To end the registration, close the channel. To hand over the channel to another owner
     * (for example to {@link Streams#join}), cancel the channel's key on the loop's thread.
     *
     * @param channel a channel in non-blocking mode
     * @param operations the initial interest set, from the constants of {@link SelectionKey}; 0 for none
     * @param ready called on the loop's thread
     * @return the channel's key
     * @throws IOException if the channel is closed
     */
    SelectionKey register(SelectableChannel channel, int operations, Ready ready) throws IOException;

    /**
     * {@return the deadlines that the loop's thread runs}
     */
    Deadlines deadlines();

    /**
     * Flush a member before the loop waits again. Several calls for one member in a turn cause one flush.
     *
     * @param member the member that has queued bytes; the loop closes it for {@link Reason#INTERNAL_ERROR} if {@code flush} throws
     * @param flush writes as many of the queued bytes as the peer takes
     */
    void flushLater(Member member, Runnable flush);

    /** Run all flushes that {@link #flushLater} noted. When this method returns, no queue refers to a borrowed block. */
    void flushNow();

    /**
     * {@return whether the calling thread is the loop's thread}
     */
    boolean isCurrent();

    /**
     * Run a task on the loop's thread, and wait until the task ends. For use in {@link Endpoint#start}, {@link Endpoint#quiesce}
     * and {@link Endpoint#stop}, which run on other threads.
     *
     * @param task the task
     * @param limit the longest wait for the end of the task
     * @return whether the task ended in time and threw nothing
     */
    boolean call(Runnable task, Duration limit);
}
