package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.util.Collection;

/** Runs a stranger's attempts, whatever becomes of them. */
final class Attempts {
    private Attempts() {}

    /** Run an attempt during which the forwarder may close the connection. */
    static void quietly(Runnable attempt) {
        try {
            attempt.run();
        } catch (UncheckedIOException _) {
            // The forwarder has closed the connection, as it should.
        }
    }

    /** Reset all connections, so that the kernel keeps nothing of them. */
    static void closeAll(Collection<TcpClient> clients) {
        clients.forEach(client -> quietly(client::reset));
    }
}
