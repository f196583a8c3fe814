package dev.socketforwarder.api.buffer;

/**
 * The process may hold no more queued bytes (setting {@code max-queued}). The runtime's own code throws and catches it; a
 * transport's members are closed for it, with {@link dev.socketforwarder.api.Reason#OUT_OF_QUEUE Reason.OUT_OF_QUEUE}.
 */
public final class OutOfQueueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Make one; without a trace, since peers can cause as many as they like. */
    public OutOfQueueException() {
        super("no more bytes may be queued", null, false, false);
    }
}
