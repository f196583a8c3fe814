package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;

/** Writes answers to HTTP requests, with the headers that keep a browser safe. */
final class Reply {
    static final String EVENTS = "text/event-stream";

    private static final String JSON = "application/json";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private Reply() {}

    static void send(HttpExchange exchange, Answer answer) throws IOException {
        switch (answer) {
            case Document(var json) -> send(exchange, 200, JSON, json.toString());
            case Done(var afterwards) -> {
                send(exchange, 204);
                exchange.close(); // which lets the answer out
                afterwards.run();
            }
            case Documents(var source) -> {
                try (source;
                        var out = stream(exchange, EVENTS)) {
                    Events.write(out, source);
                }
            }
            case Failure(var status, var error) ->
                send(
                        exchange,
                        status,
                        JSON,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("error", error)
                                .toString());
        }
    }

    static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        send(exchange, status, type, text.getBytes(StandardCharsets.UTF_8));
    }

    static void send(HttpExchange exchange, int status, String type, byte[] bytes) throws IOException {
        prepare(exchange, type);
        boolean isHead = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, isHead || bytes.length == 0 ? -1 : bytes.length);
        if (!isHead) {
            exchange.getResponseBody().write(bytes);
        }
    }

    private static void send(HttpExchange exchange, int status) throws IOException {
        prepare(exchange, "");
        exchange.sendResponseHeaders(status, -1);
    }

    /** Begin a reply that goes on for ever. */
    static OutputStream stream(HttpExchange exchange, String type) throws IOException {
        prepare(exchange, type);
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    private static void prepare(HttpExchange exchange, String type) {
        var headers = exchange.getResponseHeaders();
        if (!type.isEmpty()) {
            headers.set("Content-Type", type);
        }
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
    }
}
