package dev.socketforwarder.transport.nats;

/**
 * One NATS message that waits to be sent.
 *
 * @param subject where it goes
 * @param body the whole message, which nobody changes any more
 * @param count how many messages of a group it carries
 */
record Outgoing(String subject, byte[] body, int count) {
    /** What an entry of the queue costs beside its bytes. */
    private static final int OVERHEAD = 128;

    long weight() {
        return OVERHEAD + body.length;
    }
}
