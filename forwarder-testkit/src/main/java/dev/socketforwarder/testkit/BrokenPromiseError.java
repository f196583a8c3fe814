package dev.socketforwarder.testkit;

/** Reports that a plugin broke a promise of the API. The message quotes the promise. */
public final class BrokenPromiseError extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** The broken promise. */
    private final Promise promise;

    BrokenPromiseError(Promise promise, String seen, Throwable cause) {
        super(promise.place() + " promises: \"" + promise.text() + "\" But " + seen, cause);
        this.promise = promise;
    }

    /**
     * {@return the broken promise}
     */
    public Promise promise() {
        return promise;
    }
}
