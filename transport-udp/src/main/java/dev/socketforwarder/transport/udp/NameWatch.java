package dev.socketforwarder.transport.udp;

import java.time.Duration;
import java.util.function.Consumer;

/** Looks up the names of preconfigured members again, from time to time, on a thread of its own: a look-up may take long. */
final class NameWatch implements AutoCloseable {
    private final Thread thread;

    /**
     * Begin.
     *
     * @param onMoved called on that thread, when a name stands for other addresses than before
     */
    NameWatch(String endpoint, PreconfiguredNames known, Duration interval, Consumer<PreconfiguredNames> onMoved) {
        thread = Thread.ofVirtual().name("udp-names-" + endpoint).start(() -> watch(known, interval, onMoved));
    }

    private static void watch(PreconfiguredNames known, Duration interval, Consumer<PreconfiguredNames> onMoved) {
        var last = known;
        try {
            while (true) {
                Thread.sleep(interval);
                var now = last.lookUpAgain();
                if (!now.equals(last)) {
                    last = now;
                    onMoved.accept(now);
                }
            }
        } catch (InterruptedException _) {
            // The end.
        }
    }

    /** Stop; a look-up that is under way is not waited for, and what it finds is lost. */
    @Override
    public void close() {
        thread.interrupt();
    }
}
