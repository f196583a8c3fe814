package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpsExchange;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Request;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Answers every request to the admin endpoint, each on a virtual thread of its own. */
final class AdminHandler implements HttpHandler {
    private static final Logger LOG = System.getLogger(AdminHandler.class.getName());
    private static final String API = "api/v1/";
    private static final String TEXT = "text/plain; charset=utf-8";
    private static final Done NOTHING = new Done(() -> {});
    private static final int MOST_REQUESTS = 64;
    private static final int MOST_STREAMS = 16;
    private static final int LONGEST_PAGE = 1_000;
    private static final int LONGEST_BODY = 4_096;

    private final Monitor monitor;
    private final Metrics metrics;
    private final Guard guard;
    private final Sessions sessions;
    private final Events events;
    private final Semaphore requests = new Semaphore(MOST_REQUESTS);
    private final Semaphore streams = new Semaphore(MOST_STREAMS);
    /** Answers are made one at a time, so that many requests take no more than one processor from forwarding. */
    private final ReentrantLock making = new ReentrantLock();

    AdminHandler(Monitor monitor, Metrics metrics, Guard guard, Sessions sessions) {
        this.monitor = monitor;
        this.metrics = metrics;
        this.guard = guard;
        this.sessions = sessions;
        this.events = new Events(monitor);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        boolean hasPlace = requests.tryAcquire();
        try (exchange) {
            if (!hasPlace) {
                Reply.send(exchange, new Failure(503, "too many requests at once"));
            } else if (!guard.isAddressedRightly(exchange)) {
                Reply.send(
                        exchange,
                        new Failure(421, "this name is not known here; use an IP address, or add it to admin.hosts"));
            } else {
                answer(exchange, exchange.getRequestURI().getPath().substring(1));
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "A reader of the admin endpoint went away: " + e.getMessage());
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "An error in the admin endpoint", e);
        } finally {
            if (hasPlace) {
                requests.release();
            }
        }
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        if (!path.startsWith(API) && !isQuery(exchange)) {
            Reply.send(exchange, new Failure(405, "this path can only be read"));
            return;
        }
        switch (path) {
            case "healthz" -> Reply.send(exchange, 200, TEXT, "ok\n");
            case "readyz" -> {
                var why = monitor.whyNotReady();
                Reply.send(exchange, why.isEmpty() ? 200 : 503, TEXT, why.orElse("ready") + "\n");
            }
            case "metrics" -> metrics.send(exchange);
            default -> {
                if (path.startsWith(API)) {
                    api(exchange, path.substring(API.length()));
                } else {
                    page(exchange, path);
                }
            }
        }
    }

    private static void page(HttpExchange exchange, String path) throws IOException {
        var file = Pages.at(path);
        if (file.isPresent()) {
            Reply.send(exchange, 200, file.get().type(), file.get().bytes());
        } else {
            Reply.send(exchange, new Failure(404, "there is no such page"));
        }
    }

    private void api(HttpExchange exchange, String path) throws IOException {
        var method = exchange.getRequestMethod();
        boolean isQuery = isQuery(exchange);
        if (!isQuery && !guard.isSameOrigin(exchange)) {
            Reply.send(exchange, new Failure(403, "the request comes from a page of another site"));
        } else if (path.equals("session")) {
            session(exchange, method);
        } else if (path.equals("events") && isQuery) {
            stream(() -> events.stream(exchange), exchange);
        } else if ((!isQuery || monitor.isConfidential(path)) && !mayAsk(exchange, isQuery)) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
            Reply.send(exchange, new Failure(401, "this needs the token of admin.token-file"));
        } else {
            var parameters = parameters(exchange);
            boundPage(parameters);
            var answer = answer(new Request(isQuery ? "GET" : method, path, parameters), by(exchange));
            if (answer instanceof Documents(var source)) {
                try (source) {
                    stream(() -> Reply.send(exchange, answer), exchange);
                }
            } else {
                Reply.send(exchange, answer);
            }
        }
    }

    private static boolean isQuery(HttpExchange exchange) {
        return exchange.getRequestMethod().equals("GET")
                || exchange.getRequestMethod().equals("HEAD");
    }

    /** Bound the page that is asked for: clients that do not read their answers must not hold much memory. */
    static void boundPage(Map<String, String> parameters) {
        var limit = parameters.getOrDefault("limit", "");
        if (limit.isEmpty() || limit.matches("[0-9]{4,}")) {
            parameters.put("limit", Integer.toString(LONGEST_PAGE));
        }
    }

    private Answer answer(Request request, String by) {
        making.lock();
        try {
            return monitor.answer(request, by);
        } finally {
            making.unlock();
        }
    }

    /** {@return whether the sender may do this; without a token, queries are free, since only this machine can send them} */
    private boolean mayAsk(HttpExchange exchange, boolean isQuery) {
        return guard.isEntitled(exchange) || isQuery && !sessions.canSignIn();
    }

    private static String by(HttpExchange exchange) {
        return "the admin endpoint's client " + AddressText.of(exchange.getRemoteAddress());
    }

    @FunctionalInterface
    private interface Stream {
        void run() throws IOException;
    }

    private void stream(Stream stream, HttpExchange exchange) throws IOException {
        if (!streams.tryAcquire()) {
            Reply.send(exchange, new Failure(503, "too many streams of events at once"));
            return;
        }
        try {
            stream.run();
        } finally {
            streams.release();
        }
    }

    private void session(HttpExchange exchange, String method) throws IOException {
        switch (method) {
            case "GET" ->
                Reply.send(
                        exchange,
                        new Document(JsonNodeFactory.instance
                                .objectNode()
                                .put("signedIn", guard.isEntitled(exchange))
                                .put("canSignIn", sessions.canSignIn())));
            case "POST" -> signIn(exchange);
            case "DELETE" -> {
                Guard.session(exchange).ifPresent(sessions::end);
                setCookie(exchange, "", 0);
                Reply.send(exchange, NOTHING);
            }
            default -> Reply.send(exchange, new Failure(405, "a session is begun by POST and ended by DELETE"));
        }
    }

    private void signIn(HttpExchange exchange) throws IOException {
        if (token(exchange).filter(sessions::isToken).isEmpty()) {
            LOG.log(Level.INFO, "admin refused " + AddressText.of(exchange.getRemoteAddress()) + ": wrong token");
            Reply.send(exchange, new Failure(401, "this is not the token of admin.token-file"));
            return;
        }
        setCookie(exchange, sessions.begin(), Sessions.LONGEST.toSeconds());
        Reply.send(exchange, NOTHING);
    }

    private static Optional<String> token(HttpExchange exchange) throws IOException {
        var body = exchange.getRequestBody().readNBytes(LONGEST_BODY);
        try {
            return JsonMapper.shared().readTree(body).path("token").stringValueOpt();
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    private static void setCookie(HttpExchange exchange, String secret, long seconds) {
        var secure = exchange instanceof HttpsExchange ? "; Secure" : "";
        exchange.getResponseHeaders()
                .set(
                        "Set-Cookie",
                        Guard.COOKIE + "=" + secret + "; Max-Age=" + seconds + "; HttpOnly; SameSite=Strict; Path=/"
                                + secure);
    }

    private static Map<String, String> parameters(HttpExchange exchange) {
        var query = exchange.getRequestURI().getRawQuery();
        var parameters = new LinkedHashMap<String, String>();
        for (var each : query == null ? new String[0] : query.split("&")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                try {
                    parameters.put(
                            each.substring(0, equals),
                            URLDecoder.decode(each.substring(equals + 1), StandardCharsets.UTF_8));
                } catch (IllegalArgumentException _) {
                    // As if it were not there.
                }
            }
        }
        return parameters;
    }
}
