package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Challenge;
import dev.socketforwarder.api.Handshake.Declined;
import dev.socketforwarder.api.Handshake.NeedMore;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Handshake.Rejected;
import dev.socketforwarder.api.Peer;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** Describes a first message, and the decision that a policy must make about this message. */
public final class Example {
    private static final Peer SOMEBODY =
            new Peer("endpoint", new InetSocketAddress("127.0.0.1", 40_000), new InetSocketAddress("127.0.0.1", 6_753));

    private final Peer peer;
    private final byte[] message;
    private final Arrival arrival;
    private final String told;
    private final Predicate<Outcome> decision;
    private final boolean admits;

    private Example(
            Peer peer, byte[] message, Arrival arrival, String told, Predicate<Outcome> decision, boolean admits) {
        this.peer = peer;
        this.message = message;
        this.arrival = arrival;
        this.told = told;
        this.decision = decision;
        this.admits = admits;
    }

    /**
     * {@return an example whose peer must be admitted: a stream's first message that arrives whole in the first read}
     *
     * @param message what the peer sends
     * @param argument what the peer asks for
     * @param consumed how many bytes the first message has; the bytes behind them are data
     */
    public static Example admitted(String message, String argument, int consumed) {
        return of(
                message, "admitted for " + argument, outcome -> outcome.equals(new Admitted(argument, consumed)), true);
    }

    /**
     * {@return an example that must be rejected or declined, because no further bytes could make the message valid}
     *
     * @param message what the peer sends
     */
    public static Example refused(String message) {
        return of(message, "refused", outcome -> outcome instanceof Rejected || outcome instanceof Declined, false);
    }

    /**
     * {@return an example that must stay undecided until more bytes arrive}
     *
     * @param message what the peer has sent so far
     */
    public static Example undecided(String message) {
        return of(message, "undecided", outcome -> outcome instanceof NeedMore || outcome instanceof Challenge, false);
    }

    private static Example of(String message, String told, Predicate<Outcome> isMet, boolean admits) {
        return new Example(SOMEBODY, message.getBytes(StandardCharsets.UTF_8), Arrival.FIRST_READ, told, isMet, admits);
    }

    /**
     * {@return this example with another peer}
     *
     * @param other the peer that sends the message
     */
    public Example of(Peer other) {
        return new Example(other, message, arrival, told, decision, admits);
    }

    /**
     * {@return this example with another way of arrival}
     *
     * @param other how the bytes arrive; for {@link Arrival#NONE} the message must be empty
     */
    public Example arriving(Arrival other) {
        return new Example(peer, message, other, told, decision, admits);
    }

    Peer peer() {
        return peer;
    }

    byte[] message() {
        return message.clone();
    }

    Arrival arrival() {
        return arrival;
    }

    boolean admits() {
        return admits;
    }

    boolean isMetBy(Outcome outcome) {
        return decision.test(outcome);
    }

    @Override
    public String toString() {
        return '"' + new String(message, StandardCharsets.UTF_8) + "\" (" + arrival + ", " + told + ')';
    }
}
