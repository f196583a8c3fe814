package dev.socketforwarder.api;

import java.util.Locale;

/** Names what an endpoint counts in addition to each {@link Reason}: totals since the process started, and gauges. */
public enum Counter {
    /** Connections that a listener of the endpoint accepted. */
    ACCEPTED,
    /** Connections that the endpoint made to servers (setting {@code connect}). */
    CONNECTED,
    /** Connections open now, including those still being established. A gauge. */
    CONNECTIONS(true),
    /** Members that joined a group. */
    JOINED,
    /** Members that are in a group now. A gauge. */
    MEMBERS(true),
    /** Bytes of data read from peers. First messages and registrations do not count. */
    BYTES_IN,
    /** Bytes of data written to members. */
    BYTES_OUT,
    /** Reads that brought data: of a stream, or of one datagram. */
    READS,
    /** Writes to a stream, and datagrams sent. */
    WRITES,
    /** Times that the endpoint paused a sender that exceeded its own rate or the rate of its group. */
    THROTTLED,
    /** Registrations that the endpoint answered with a cookie. The sender must send the cookie back to be registered. */
    CHALLENGED;

    private final boolean isGauge;
    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Counter() {
        this(false);
    }

    Counter(boolean isGauge) {
        this.isGauge = isGauge;
    }

    /**
     * {@return whether this counter is a gauge, whose value rises and falls; the value of any other counter never falls}
     */
    public boolean isGauge() {
        return isGauge;
    }

    /**
     * {@return the word for this counter, lower-case with dashes}
     */
    public String label() {
        return label;
    }
}
