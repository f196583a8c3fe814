package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** Server-sent events: the state of the forwarder once a second. Each stream lasts until its reader goes away or the rules change. */
final class Events {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Map<String, String> BUSIEST = Map.of("sort", "rate", "limit", "60");

    private static final Duration FRESH = INTERVAL.multipliedBy(9).dividedBy(10);

    private final Monitor monitor;

    // Guarded by this.
    private byte[] events = {};
    private long madeNs;

    Events(Monitor monitor) {
        this.monitor = monitor;
    }

    /** Write events until the reader goes away, which is noticed when a write fails or takes too long, or until the stream must end. */
    void stream(HttpExchange exchange, BooleanSupplier goesOn) throws IOException {
        try (var out = begin(exchange)) {
            while (goesOn.getAsBoolean()) {
                write(out, now());
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static OutputStream begin(HttpExchange exchange) throws IOException {
        var out = Reply.stream(exchange, Reply.EVENTS);
        ExchangeLimit.lift();
        return out;
    }

    private static void write(OutputStream out, byte[] events) throws IOException {
        ExchangeLimit.step(() -> {
            out.write(events);
            out.flush();
        });
    }

    /** {@return the events of this second, which all readers share, so that many of them cost no more than one} */
    private synchronized byte[] now() {
        long nowNs = System.nanoTime();
        if (events.length == 0 || nowNs - madeNs > FRESH.toNanos()) {
            var text = new StringBuilder();
            append(text, "groups", BUSIEST);
            append(text, "sample", Map.of());
            append(text, "status", Map.of()); // the last, at which the page draws all three
            events = text.toString().getBytes(StandardCharsets.UTF_8);
            madeNs = nowNs;
        }
        return events;
    }

    private void append(StringBuilder to, String path, Map<String, String> parameters) {
        if (monitor.answer(new Request("GET", path, parameters), "") instanceof Document(var json)) {
            // JSON has no line feeds, which would end the event.
            to.append("event: ").append(path).append("\ndata: ").append(json).append("\n\n");
        }
    }

    /** Write documents as they come, until the reader goes away or the stream must end. */
    static void stream(HttpExchange exchange, Answer.Source source, BooleanSupplier goesOn) throws IOException {
        try (var out = begin(exchange)) {
            while (goesOn.getAsBoolean()) {
                var document = source.next(INTERVAL);
                // A comment, of which the reader takes no notice, shows whether the reader is still there.
                var text = document.map(json -> "data: " + json + "\n\n").orElse(":\n\n");
                write(out, text.getBytes(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
