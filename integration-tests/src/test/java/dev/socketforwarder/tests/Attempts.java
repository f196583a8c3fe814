package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.util.Collection;

/** What a stranger tries, whatever becomes of it. */
final class Attempts {
    private Attempts() {}

    /** Do it, though the forwarder may close the connection meanwhile. */
    static void quietly(Runnable attempt) {
        try {
            attempt.run();
        } catch (UncheckedIOException _) {
            // The forwarder has closed it, as it should.
        }
    }

    /** End all by a reset: nothing of them stays in a kernel. */
    static void closeAll(Collection<TcpClient> clients) {
        clients.forEach(client -> quietly(client::reset));
    }
}
