package dev.socketforwarder.testkit;

/** A plugin does not keep a promise of the API; the message quotes it. */
public final class BrokenPromiseError extends AssertionError {
    private static final long serialVersionUID = 1L;

    /** Which one. */
    private final Promise promise;

    BrokenPromiseError(Promise promise, String seen, Throwable cause) {
        super(promise.place() + " promises: \"" + promise.text() + "\" But " + seen, cause);
        this.promise = promise;
    }

    /**
     * {@return which promise was broken}
     */
    public Promise promise() {
        return promise;
    }
}
