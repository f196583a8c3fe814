package dev.socketforwarder.api;

import java.util.Locale;

/** What an endpoint counts, beside every {@link Reason}. Totals since its start, unless said otherwise. */
public enum Counter {
    /** Connections accepted. */
    ACCEPTED,
    /** Connections to servers that came about (setting {@code connect}). */
    CONNECTED,
    /** Connections open now, those among them that are being made. */
    CONNECTIONS,
    /** Members that joined a group. */
    JOINED,
    /** Members in a group now. */
    MEMBERS,
    /** Bytes of data read from peers, without first messages and registrations. */
    BYTES_IN,
    /** Bytes of data written to members. */
    BYTES_OUT,
    /** Reads of a stream, or datagrams, that brought data. */
    READS,
    /** Writes to a stream, or datagrams sent. */
    WRITES,
    /** Times that a sender was paused for its rate, or its group's. */
    THROTTLED,
    /** Registrations that were answered with a cookie, which has to come back. */
    CHALLENGED;

    private final String label = name().toLowerCase(Locale.ROOT).replace('_', '-');

    /**
     * {@return the word for it, lower-case with dashes}
     */
    public String label() {
        return label;
    }
}
