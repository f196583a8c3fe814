package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

/** Signs browsers in and out: a token by POST, and a cookie in return. */
final class SignIn {
    private static final int LONGEST_BODY = 4_096;

    private final Guard guard;
    private final Sessions sessions;

    SignIn(Guard guard, Sessions sessions) {
        this.guard = guard;
        this.sessions = sessions;
    }

    /** {@return whether the sender is entitled to changes, as a document} */
    Reply.Body state(HttpExchange exchange) {
        return Reply.Body.of(JsonNodeFactory.instance
                .objectNode()
                .put("signedIn", guard.isEntitled(exchange))
                .put("canSignIn", sessions.canSignIn()));
    }

    void begin(HttpExchange exchange) throws IOException {
        if (!sessions.canSignIn()) {
            Reply.send(exchange, Guard.READ_ONLY);
            return;
        }
        var body = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (body.length > LONGEST_BODY) {
            Reply.send(exchange, new Failure(413, "the body is longer than " + LONGEST_BODY + " bytes"));
            return;
        }
        var token = token(body);
        if (token.isEmpty()) {
            Reply.send(exchange, new Failure(400, "the body must be {\"token\": \"...\"}"));
        } else if (!guard.isToken(exchange, token.get())) {
            Reply.send(exchange, new Failure(401, "this is not the token of admin.token-file"));
        } else {
            setCookie(exchange, sessions.begin(), Sessions.LONGEST.toSeconds());
            Reply.done(exchange);
        }
    }

    private static Optional<String> token(byte[] body) {
        try {
            return JsonMapper.shared().readTree(body).path("token").stringValueOpt();
        } catch (JacksonException _) {
            return Optional.empty();
        }
    }

    void end(HttpExchange exchange) throws IOException {
        Guard.secrets(exchange).forEach(sessions::end);
        setCookie(exchange, "", 0);
        Reply.done(exchange);
    }

    private static void setCookie(HttpExchange exchange, String secret, long seconds) {
        var secure = exchange instanceof HttpsExchange ? "; Secure" : "";
        exchange.getResponseHeaders()
                .set(
                        "Set-Cookie",
                        Guard.COOKIE + "=" + secret + "; Max-Age=" + seconds + "; HttpOnly; SameSite=Strict; Path=/"
                                + secure);
    }
}
