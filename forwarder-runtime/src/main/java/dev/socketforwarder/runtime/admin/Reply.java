package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes replies to HTTP requests, with the headers that keep a browser safe. Each method ends the exchange, and throws if the
 * exchange fails: the JDK's server forgets a connection only if it hears of the failure.
 */
final class Reply {
    static final String EVENTS = "text/event-stream";

    private static final String JSON = "application/json";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    // The JDK's server copies each write at once, into the heap and outside of it.
    private static final int PIECE = 16 * 1024;

    /** What a reply holds. */
    record Body(int status, String type, byte[] bytes) {

        static Body of(ObjectNode json) {
            return new Body(200, JSON, json.toString().getBytes(StandardCharsets.UTF_8));
        }

        static Body of(int status, String text) {
            return new Body(status, TEXT, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private Reply() {}

    static void send(HttpExchange exchange, Body body) throws IOException {
        prepare(exchange, body.type());
        int length = body.bytes().length;
        if (length == 0 || isHead(exchange)) {
            exchange.sendResponseHeaders(body.status(), -1);
            return;
        }
        exchange.sendResponseHeaders(body.status(), length);
        var out = exchange.getResponseBody();
        for (int at = 0; at < length; at += PIECE) {
            out.write(body.bytes(), at, Math.min(PIECE, length - at));
        }
        out.close();
    }

    static void send(HttpExchange exchange, Failure failure) throws IOException {
        var json = JsonNodeFactory.instance.objectNode().put("error", failure.error());
        send(exchange, new Body(failure.status(), JSON, json.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /** Reply that the request was carried out. */
    static void done(HttpExchange exchange) throws IOException {
        prepare(exchange, "");
        exchange.sendResponseHeaders(204, -1);
    }

    /** Begin a reply that goes on. */
    static OutputStream stream(HttpExchange exchange, String type) throws IOException {
        prepare(exchange, type);
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    static boolean isHead(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("HEAD");
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
