package dev.socketforwarder.transport.websocket;

/** Tells that a client broke the rules of RFC 6455 or RFC 7692, so that its connection fails. */
@SuppressWarnings("serial") // never serialised
final class Violation extends Exception {
    /** The client broke the protocol. */
    static final int PROTOCOL_ERROR = 1002;
    /** A text is not UTF-8, or a compressed message cannot be restored. */
    static final int INVALID_DATA = 1007;
    /** A message is larger than the group allows. */
    static final int TOO_BIG = 1009;

    private final int code;

    /** A violation without a stack trace, since a client causes it. */
    Violation(int code, String what) {
        super(what, null, false, false);
        this.code = code;
    }

    /** {@return what to throw for a message of more than {@code largest} bytes} */
    static Violation tooBig(int largest) {
        return new Violation(TOO_BIG, "a message of more than " + largest + " bytes");
    }

    /** {@return the code for the close frame} */
    int code() {
        return code;
    }
}
