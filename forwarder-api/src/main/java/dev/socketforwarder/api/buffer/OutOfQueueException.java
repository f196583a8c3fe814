package dev.socketforwarder.api.buffer;

/**
 * Says that the process may hold no more queued bytes (setting {@code max-queued}). Only the runtime throws and catches it. The
 * runtime closes the members concerned with {@link dev.socketforwarder.api.Reason#OUT_OF_QUEUE Reason.OUT_OF_QUEUE}.
 */
public final class OutOfQueueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Make the exception without a trace, since peers can cause any number of them. */
    public OutOfQueueException() {
        super("no more bytes may be queued", null, false, false);
    }
}
