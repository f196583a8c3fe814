package dev.socketforwarder.api;

import java.io.IOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Listens at one configured place, and serves the peers that come there.
 *
 * <p>Its life is {@link #start}, {@link #quiesce}, {@link #stop}, each at most once and in this order, called by the
 * runtime on threads that may block. {@code stop} may follow a {@code start} that failed.
 *
 * <p>What is wrong with one peer costs that peer alone: an error, a reset, bytes that make no sense. What a member sends
 * is published unchanged and in its order, to the group that its handshake named.
 */
public interface Endpoint {

    /**
     * Bind, and serve from then on.
     *
     * @throws IOException if an address cannot be bound; nothing stays open. Its message names the address and says what
     *     to do, since it is all that the user sees
     */
    void start() throws IOException;

    /**
     * {@return the addresses bound, with the port numbers that the kernel chose; empty unless started}
     */
    List<SocketAddress> localAddresses();

    /**
     * Accept nobody any more, and forward what the kernel still holds for the members.
     *
     * <p>All endpoints quiesce before any of them stops, so that what one of them read reaches the members of another.
     *
     * @param limit the longest that this may take
     */
    void quiesce(Duration limit);

    /**
     * Flush every member's queue, shut its output, discard its input to the end, close, and let go of every thread.
     *
     * @param limit the longest that flushing may take; what is left then is thrown away
     * @return what was thrown away
     */
    Unsent stop(Duration limit);

    /**
     * Counts what could not be delivered before the end of the grace period.
     *
     * @param members how many members missed bytes
     * @param bytes how many bytes they missed, in all
     */
    record Unsent(int members, long bytes) {
        /** Nothing was lost. */
        public static final Unsent NONE = new Unsent(0, 0);

        /**
         * {@return this and {@code other} together}
         *
         * @param other what another endpoint could not deliver
         */
        public Unsent plus(Unsent other) {
            return new Unsent(members + other.members, bytes + other.bytes);
        }
    }
}
