package dev.socketforwarder.transport.udp;

import java.time.Duration;
import java.util.List;

/**
 * Waits for the registrations that an older process leaves when it stops, while this process already shares its port. An older
 * process tells nobody that it stops, so this looks again and again until it finds them.
 */
final class Succession implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final KeptRegistrations kept;
    private final List<Part> parts;
    private final Thread thread;

    /** Start to look, for an endpoint with these parts. */
    Succession(String endpoint, KeptRegistrations kept, List<Part> parts) {
        this.kept = kept;
        this.parts = parts;
        this.thread = Thread.ofVirtual().name("udp-succession-" + endpoint).start(this::await);
    }

    private void await() {
        try {
            do {
                Thread.sleep(INTERVAL);
            } while (!takeOver());
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    /** {@return whether there were any} */
    private boolean takeOver() {
        var left = kept.take();
        if (left.members().isEmpty()) {
            return false;
        }
        var places = parts.stream().map(Part::place).toList();
        parts.forEach(part -> part.tasks().execute(() -> kept.restore(left, part.place(), places)));
        return true;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
