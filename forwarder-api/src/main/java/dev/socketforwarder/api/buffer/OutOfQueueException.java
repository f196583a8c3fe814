package dev.socketforwarder.api.buffer;

/**
 * Says that the process has reached its limit of queued bytes (setting {@code max-queued}). Only the runtime throws and catches
 * this exception. The runtime closes the affected members with {@link dev.socketforwarder.api.Reason#OUT_OF_QUEUE
 * Reason.OUT_OF_QUEUE}.
 */
public final class OutOfQueueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Make the exception without a stack trace, since peers can cause many of them. */
    public OutOfQueueException() {
        super("no more bytes may be queued", null, false, false);
    }
}
