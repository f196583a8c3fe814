package dev.socketforwarder.api.buffer;

/**
 * Says that the process has reached its limit of queued bytes (setting {@code max-queued}). Only the runtime throws this exception,
 * and usually only the runtime catches it. The runtime closes the affected members with {@link
 * dev.socketforwarder.api.Reason#OUT_OF_QUEUE Reason.OUT_OF_QUEUE}. {@link dev.socketforwarder.api.Codec Codec} says what a codec does
 * whose call of {@link Memory#acquire} throws this exception.
 */
public final class OutOfQueueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Make the exception without a stack trace, since peers can cause many of them. */
    public OutOfQueueException() {
        super("no more bytes may be queued", null, false, false);
    }
}
