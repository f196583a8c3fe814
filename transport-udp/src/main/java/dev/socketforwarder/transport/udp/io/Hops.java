package dev.socketforwarder.transport.udp.io;

/**
 * Hop limits (the TTL of IPv4) as forwarders count them down among themselves, so that what goes round can be noticed.
 *
 * <p>A datagram leaves with {@value #START} hops, unless it came with {@value #LAST} to {@value #START}: then it may have come
 * from another forwarder, and leaves with one less. Below {@value #LAST} it starts again, so a sensor that sends with 1, or
 * from beyond thirty routers, reaches as many as anybody. In a circle the limits take turns in that way, one value after the
 * other. There are 31 of them, a prime: so in a circle of any length but multiples of 31 forwarders each forwarder sees them all.
 */
public final class Hops {
    /** What leaves without a count; set once at each socket. */
    public static final int START = 63;

    /** The least that another forwarder may have sent. */
    public static final int LAST = 33;

    /** Of a datagram that has no count: not seen, or to start. */
    public static final int NONE = 0;

    private Hops() {}

    /** {@return whether a datagram that came with this limit may have come from another forwarder} */
    public static boolean isCounted(int received) {
        return received >= LAST && received <= START;
    }

    /** {@return what a datagram leaves with that came with {@code received}; {@link #NONE}: as any other} */
    public static int next(int received) {
        return isCounted(received) && received > LAST ? received - 1 : NONE;
    }
}
