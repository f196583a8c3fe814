package dev.socketforwarder.tests;

import java.util.Collection;

/** Closes what a test has opened. */
final class Closing {
    private Closing() {}

    /** Close all, in this order. What fails does not keep the others open, and fails the test at the end. */
    static void all(Collection<? extends AutoCloseable> opened) {
        AssertionError failed = null;
        for (var each : opened) {
            try {
                each.close();
            } catch (Exception e) {
                failed = failed == null ? new AssertionError("not all can be closed") : failed;
                failed.addSuppressed(e);
            }
        }
        if (failed != null) {
            throw failed;
        }
    }
}
