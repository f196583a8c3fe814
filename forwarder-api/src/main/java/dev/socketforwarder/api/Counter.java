package dev.socketforwarder.api;

import java.util.Locale;

/** Names what an endpoint counts, beside every {@link Reason}: totals since the start of the process, and gauges. */
public enum Counter {
    /** Connections accepted. */
    ACCEPTED,
    /** Connections made to servers (setting {@code connect}). */
    CONNECTED,
    /** Connections open now, including those that are being made. A gauge. */
    CONNECTIONS(true),
    /** Members that joined a group. */
    JOINED,
    /** Members in a group now. A gauge. */
    MEMBERS(true),
    /** Bytes of data read from peers, without first messages and registrations. */
    BYTES_IN,
    /** Bytes of data written to members. */
    BYTES_OUT,
    /** Reads of a stream, or datagrams, that brought data. */
    READS,
    /** Writes to a stream, or datagrams sent. */
    WRITES,
    /** Times that a sender was paused because of its rate, or of its group's. */
    THROTTLED,
    /** Registrations answered with a cookie, which the sender has to send back. */
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
     * {@return whether the value is a state, which also falls; the value of any other counter never falls}
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
