package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.kit.AddressText;
import dev.socketforwarder.runtime.admin.ExchangeLimit.Step;
import dev.socketforwarder.runtime.monitor.Answer;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Done;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Parameters;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.monitor.Request.BadParameterException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** Answers every request to the admin endpoint, each on a thread of its own. */
final class AdminHandler implements HttpHandler {
    private static final Logger LOG = System.getLogger(AdminHandler.class.getName());
    private static final String API = "api/v1/";
    private static final String GET = "GET";
    private static final int MOST_REQUESTS = 64;
    private static final int MOST_STREAMS = 16;
    private static final int MOST_UNREAD = 8 << 20;
    private static final int LONGEST_PAGE = 1_000;

    private final Monitor monitor;
    private final Metrics metrics;
    private final Guard guard;
    private final SignIn signIn;
    private final Events events;
    private final Answers answers = new Answers(MOST_UNREAD);
    private final Semaphore requests = new Semaphore(MOST_REQUESTS);
    private final Semaphore streams = new Semaphore(MOST_STREAMS);
    private volatile boolean isRetired;

    AdminHandler(Monitor monitor, Metrics metrics, Guard guard, Sessions sessions) {
        this.monitor = monitor;
        this.metrics = metrics;
        this.guard = guard;
        this.signIn = new SignIn(guard, sessions);
        this.events = new Events(monitor);
    }

    /** End all streams soon. Other rules hold from now on. */
    void retire() {
        isRetired = true;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try {
            if (!guard.isAddressedRightly(exchange)) {
                Reply.send(
                        exchange,
                        new Failure(421, "this name is not known here; use an IP address, or add it to admin.hosts"));
            } else if (exchange.getRequestHeaders().containsKey("Transfer-Encoding")) {
                refuseChunks(exchange);
            } else {
                answer(exchange, exchange.getRequestURI().getPath().substring(1));
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "A client of the admin endpoint went away: " + e.getMessage());
            throw e; // so that the server forgets the connection
        } catch (RuntimeException | Error e) {
            Fatal.rethrow(e);
            LOG.log(Level.WARNING, "An error in the admin endpoint", e);
            throw new IOException(e);
        }
    }

    /** Refuse a body in chunks, which no request here needs: the JDK's reader of chunks fails if a length is negative. */
    private static void refuseChunks(HttpExchange exchange) throws IOException {
        try {
            Reply.send(exchange, new Failure(411, "a body needs Content-Length"));
        } catch (IndexOutOfBoundsException e) {
            throw new IOException("a chunk of negative length", e);
        }
    }

    private void answer(HttpExchange exchange, String path) throws IOException {
        if (path.startsWith(API)) {
            api(exchange, path.substring(API.length()));
        } else if (!isQuery(exchange)) {
            refuseMethod(exchange, GET, "this path can only be read");
        } else {
            switch (path) {
                // These answers are small, and whatever restarts processes asks for them: they need no place that
                // others could
                // take.
                case "healthz" -> Reply.send(exchange, Reply.Body.of(200, "ok\n"));
                case "readyz" -> Reply.send(exchange, readiness());
                case "metrics" ->
                    inPlace(
                            requests,
                            exchange,
                            () -> answers.send(exchange, answers.make(() -> metrics.body(exchange))));
                default -> page(exchange, path);
            }
        }
    }

    private Reply.Body readiness() {
        var why = monitor.whyNotReady();
        var note = monitor.note().map(line -> "; " + line).orElse("");
        return Reply.Body.of(why.isEmpty() ? 200 : 503, why.orElse("ready") + note + "\n");
    }

    private static void page(HttpExchange exchange, String path) throws IOException {
        var file = Pages.at(path);
        if (file.isPresent()) {
            Reply.send(
                    exchange, new Reply.Body(200, file.get().type(), file.get().bytes()));
        } else {
            Reply.send(exchange, new Failure(404, "there is no such page"));
        }
    }

    private void api(HttpExchange exchange, String path) throws IOException {
        if (!isQuery(exchange) && !guard.isSameOrigin(exchange)) {
            Reply.send(exchange, new Failure(403, "the request comes from a page of another site"));
        } else if (path.equals("session")) {
            session(exchange);
        } else if (path.equals("events")) {
            events(exchange);
        } else {
            inPlace(requests, exchange, () -> monitor(exchange, path));
        }
    }

    private void session(HttpExchange exchange) throws IOException {
        switch (exchange.getRequestMethod()) {
            case GET, "HEAD" -> Reply.send(exchange, signIn.state(exchange));
            case "POST" -> signIn.begin(exchange);
            case "DELETE" -> signIn.end(exchange);
            default ->
                refuseMethod(exchange, "GET, HEAD, POST, DELETE", "a session is begun by POST and ended by DELETE");
        }
    }

    private void events(HttpExchange exchange) throws IOException {
        if (isQuery(exchange)) {
            stream(exchange, () -> events.stream(exchange, this::goesOn));
        } else {
            refuseMethod(exchange, GET, "events can only be read");
        }
    }

    private void monitor(HttpExchange exchange, String path) throws IOException {
        var method = isQuery(exchange) ? GET : exchange.getRequestMethod();
        var taken = monitor.methodOf(path);
        if (taken.isPresent() && !taken.get().equals(method)) {
            refuseMethod(exchange, taken.get(), "this path takes " + taken.get() + " only");
        } else if (taken.isPresent() && needsToken(path, method) && !guard.isEntitled(exchange)) {
            Reply.send(exchange, guard.unentitled(exchange));
        } else {
            var by = "the admin endpoint's client " + AddressText.of(exchange.getRemoteAddress());
            if (method.equals(GET)) {
                answers.make(() -> rest(answer(exchange, method, path, by), exchange))
                        .run();
            } else {
                ExchangeLimit.lift(); // a command may take its time, and an interrupt would break it off
                var rest = rest(answer(exchange, method, path, by), exchange);
                ExchangeLimit.step(rest);
            }
        }
    }

    /**
     * {@return whether this request needs the token; without a configured token, whoever reaches the endpoint may ask anything}
     */
    private boolean needsToken(String path, String method) {
        return !method.equals(GET) || guard.hasToken() && monitor.isConfidential(path);
    }

    private Answer answer(HttpExchange exchange, String method, String path, String by) {
        try {
            var query = exchange.getRequestURI().getRawQuery();
            var parameters = Parameters.decoded(query == null ? "" : query);
            boundPage(parameters);
            return monitor.answer(new Request(method, path, parameters), by);
        } catch (BadParameterException e) {
            return new Failure(400, e.getMessage());
        }
    }

    /** {@return the rest of the work for an answer, which waits for the client} */
    private Step rest(Answer answer, HttpExchange exchange) {
        return switch (answer) {
            case Document(var json) -> {
                var body = Reply.Body.of(json);
                yield () -> answers.send(exchange, body);
            }
            case Documents(var source) ->
                () -> {
                    try (source) {
                        stream(exchange, () -> Events.stream(exchange, source, this::goesOn));
                    }
                };
            case Done(var afterwards) ->
                () -> {
                    Reply.done(exchange);
                    afterwards.run();
                };
            case Failure failure -> () -> Reply.send(exchange, failure);
        };
    }

    /** Bound the size of the requested page: clients that do not read their answers must not hold much memory. */
    static void boundPage(Map<String, String> parameters) {
        var limit = parameters.getOrDefault("limit", "");
        if (limit.isEmpty() || limit.matches("0*[1-9][0-9]{3,}")) {
            parameters.put("limit", Integer.toString(LONGEST_PAGE));
        }
    }

    private void stream(HttpExchange exchange, Step stream) throws IOException {
        if (Reply.isHead(exchange)) {
            Reply.send(exchange, new Reply.Body(200, Reply.EVENTS, new byte[0]));
        } else {
            inPlace(streams, exchange, stream);
        }
    }

    private boolean goesOn() {
        return !isRetired;
    }

    private static void inPlace(Semaphore places, HttpExchange exchange, Step step) throws IOException {
        if (!places.tryAcquire()) {
            Reply.send(exchange, new Failure(503, "too many requests at once"));
            return;
        }
        try {
            step.run();
        } finally {
            places.release();
        }
    }

    private static boolean isQuery(HttpExchange exchange) {
        return exchange.getRequestMethod().equals(GET) || Reply.isHead(exchange);
    }

    private static void refuseMethod(HttpExchange exchange, String allowed, String error) throws IOException {
        exchange.getResponseHeaders().set("Allow", allowed.equals(GET) ? "GET, HEAD" : allowed);
        Reply.send(exchange, new Failure(405, error));
    }
}
