package dev.socketforwarder.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Listens at one configured address and serves the peers that contact this address.
 *
 * <p>The runtime calls {@link #start}, {@link #quiesce} and {@link #stop} in this order, each at most once, on threads that may
 * block. {@code stop} may follow a {@code start} that failed.
 *
 * <p>A fault of one peer affects that peer alone: an error, a reset, bytes that make no sense. The endpoint publishes what a member
 * sends unchanged and in order, to the group that the member's handshake named.
 */
public interface Endpoint {

    /**
     * Bind the endpoint's addresses, and serve peers from then on.
     *
     * @throws IOException if an address cannot be bound; nothing stays open. The message names the address and says what to do,
     *     since the user sees nothing but this message
     */
    void start() throws IOException;

    /**
     * Go on with changed settings, while the members stay.
     *
     * <p>The runtime calls this method on an endpoint that runs, when its configuration was read again and a setting that the
     * transport reads has another value. The runtime itself changes what it does for the endpoint: the rules of groups, and
     * everything about the connections of {@link TransportContext#streams}. Calls come one after another, on a thread that may
     * block, and never during or after {@link #quiesce}.
     *
     * @param fresh an endpoint that the same transport opened with the changed settings; started only if this call returns false
     * @return whether the changed settings hold from now on; false: nothing has changed, and the runtime stops this endpoint and starts
     *     {@code fresh} in its place
     * @throws java.io.UncheckedIOException if what the changed settings name cannot be used, such as an address that cannot be bound;
     *     then nothing has changed, and the reload fails with the message of the cause
     */
    default boolean adopt(Endpoint fresh) {
        return false;
    }

    /**
     * {@return the bound addresses, with the port numbers that the kernel chose; empty before the endpoint has started}
     */
    List<SocketAddress> localAddresses();

    /**
     * Stop accepting peers, and forward the data that is still in the kernel's receive buffers to the members.
     *
     * <p>The runtime quiesces all endpoints before it stops any of them, so that data read by one endpoint still reaches the
     * members of another.
     *
     * @param limit the longest time that this call may take
     */
    void quiesce(Duration limit);

    /**
     * Flush the queue of every member, shut down its output, discard its input until the peer ends it, close the connection, and
     * end every thread. Input is discarded because a connection that is closed with unread input is reset, and the peer would lose
     * what it has not read yet. A peer that ends nothing must not delay the stop: {@link Streams} discard for at most two seconds, and
     * no longer once the peer has been silent for a quarter of a second.
     *
     * @param limit the longest time for flushing; bytes still queued at its end are discarded
     * @return how much was discarded
     */
    Unsent stop(Duration limit);

    /**
     * Counts the bytes that could not be delivered before the grace period ended.
     *
     * @param members how many members missed bytes
     * @param bytes how many bytes these members missed in total
     */
    record Unsent(int members, long bytes) {
        /** The result of a stop that lost nothing. */
        public static final Unsent NONE = new Unsent(0, 0);

        /**
         * {@return the sum of this count and {@code other}}
         *
         * @param other the count of another endpoint
         */
        public Unsent plus(Unsent other) {
            return new Unsent(members + other.members, bytes + other.bytes);
        }
    }
}
