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
import tools.jackson.databind.JsonNode;

/** Server-sent events: the state of the forwarder once a second. Each stream lasts until its reader goes away. */
final class Events {
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Map<String, String> BUSIEST = Map.of("sort", "rate", "limit", "60");

    private final Monitor monitor;

    Events(Monitor monitor) {
        this.monitor = monitor;
    }

    /** Write events until the reader goes away, which is noticed when a write fails. */
    void stream(HttpExchange exchange) throws IOException {
        try (var out = Reply.stream(exchange, Reply.EVENTS)) {
            while (true) {
                write(out, "status", "status", Map.of());
                write(out, "groups", "groups", BUSIEST);
                write(out, "sample", "sample", Map.of());
                out.flush();
                Thread.sleep(INTERVAL);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Write documents as they come. */
    static void write(OutputStream out, Answer.Source source) throws IOException {
        try {
            while (true) {
                var document = source.next(INTERVAL);
                // A comment, of which the reader takes no notice, shows whether the reader is still there.
                var text = document.map(json -> "data: " + json + "\n\n").orElse(":\n\n");
                out.write(text.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void write(OutputStream out, String event, String path, Map<String, String> parameters) throws IOException {
        Answer answer = monitor.answer(new Request("GET", path, parameters), "");
        if (answer instanceof Document(var json)) {
            write(out, event, json);
        }
    }

    /** Write one event; JSON has no line feeds, which would end it. */
    static void write(OutputStream out, String event, JsonNode json) throws IOException {
        out.write(("event: " + event + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8));
    }
}
