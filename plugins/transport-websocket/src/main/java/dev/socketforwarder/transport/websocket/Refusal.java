package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Reason;
import java.util.Locale;

/** Says no to an HTTP request, by a status and a text that a person can read. */
@SuppressWarnings("serial") // never serialised
final class Refusal extends Exception {
    private final int status;
    private final Reason reason;
    private final String header;

    /** Refuse a request that is not what it should be. */
    Refusal(int status, String text) {
        this(status, Reason.PROTOCOL_ERROR, text, "");
    }

    /**
     * A refusal without a stack trace, since a client causes it.
     *
     * @param status of HTTP
     * @param reason for the counters
     * @param text what is wrong, and what would be right; contains nothing that the client sent
     * @param header a further header of the answer with its line end, or empty
     */
    Refusal(int status, Reason reason, String text, String header) {
        super(text, null, false, false);
        this.status = status;
        this.reason = reason;
        this.header = header;
    }

    /** {@return the answer to a peer that may not join} */
    static Refusal of(Reason reason) {
        return switch (reason) {
            case BAD_TOKEN ->
                new Refusal(
                        401,
                        reason,
                        "The token is missing, wrong or expired. Send it in the header Authorization: Bearer, or as the"
                                + " subprotocol token.<TOKEN>.",
                        "WWW-Authenticate: Bearer\r\n");
            case FIRST_MESSAGE_TIMEOUT -> new Refusal(408, reason, "The request took too long.", "");
            case MESSAGE_INCOMPLETE, IDLE -> new Refusal(408, reason, "The message took too long.", "");
            case FIRST_MESSAGE_TOO_LONG ->
                new Refusal(431, reason, "The request is longer than first-message-limit allows.", "");
            case MESSAGE_TOO_LARGE -> new Refusal(413, reason, "The message is larger than the group allows.", "");
            case BAD_GROUP_ID -> new Refusal(400, reason, "The path names no group that can exist.", "");
            case HANDSHAKE_FAILED, INTERNAL_ERROR -> new Refusal(500, reason, "The forwarder has failed.", "");
            case TOO_MANY_CONNECTIONS,
                    TOO_MANY_FIRST_MESSAGES,
                    TOO_MANY_FROM_ADDRESS,
                    ACCEPT_RATE,
                    TOO_MANY_GROUPS,
                    TOO_MANY_MEMBERS,
                    OUT_OF_QUEUE,
                    STOPPED ->
                new Refusal(503, reason, "Not now: " + words(reason) + ". Try again later.", "Retry-After: 5\r\n");
            default -> new Refusal(403, reason, "You may not join: " + words(reason) + ".", "");
        };
    }

    private static String words(Reason reason) {
        return reason.label().toLowerCase(Locale.ROOT).replace('-', ' ');
    }

    int status() {
        return status;
    }

    Reason reason() {
        return reason;
    }

    String header() {
        return header;
    }
}
