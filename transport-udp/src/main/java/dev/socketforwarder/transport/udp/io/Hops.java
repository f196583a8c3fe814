package dev.socketforwarder.transport.udp.io;

/**
 * The rules by which forwarders count hop limits (the TTL of IPv4) down among themselves, so that circling datagrams
 * can be detected.
 *
 * <p>A datagram leaves with {@value #START} hops, unless it arrived with more than {@value #LAST} and at most {@value
 * #START}. Then it may have come from another forwarder, and leaves with one hop less. At {@value #LAST} and below, the
 * count starts again. So a sensor that sends with 1, or from beyond thirty routers, reaches as many members as any
 * other. In a circle the limits therefore take all values in turn. There are 31 values, a prime, so each forwarder of a
 * circle sees all of them, unless the length of the circle is a multiple of 31.
 */
public final class Hops {
    /** The limit without a count; set once at each socket. */
    public static final int START = 63;

    /** The lowest limit that another forwarder may have sent. */
    public static final int LAST = 33;

    /** Stands for no count: the limit is not visible, or the count starts. */
    public static final int NONE = 0;

    private Hops() {}

    /** {@return whether a datagram that arrived with this limit may come from another forwarder} */
    public static boolean isCounted(int received) {
        return received >= LAST && received <= START;
    }

    /** {@return the limit for a datagram that arrived with {@code received}; {@link #NONE} for the usual one} */
    public static int next(int received) {
        return isCounted(received) && received > LAST ? received - 1 : NONE;
    }
}
