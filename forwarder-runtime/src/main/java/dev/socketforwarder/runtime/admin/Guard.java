package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Decides whether a request may be answered, and whether its sender may change anything.
 *
 * <p>A page of another site must reach nothing. The page may use a name that it made resolve to this machine; the guard refuses
 * such a request by its {@code Host} header. The page may make a browser send a request; the guard refuses that request by its
 * origin.
 */
final class Guard {
    static final String COOKIE = "socketforwarder-session";
    static final Failure READ_ONLY = new Failure(403, "read-only: set admin.token-file");

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.%]+]");
    private static final String BEARER = "Bearer ";

    private final Set<String> hosts;
    private final Sessions sessions;
    private final WrongTokens wrongTokens = new WrongTokens(System::nanoTime);

    Guard(Set<String> hosts, Sessions sessions) {
        this.hosts = hosts;
        this.sessions = sessions;
    }

    /** {@return whether the request names this server by an IP address, {@code localhost}, or a configured name} */
    boolean isAddressedRightly(HttpExchange exchange) {
        var headers = exchange.getRequestHeaders().getOrDefault("Host", List.of());
        if (headers.size() != 1) {
            return false; // a proxy might have looked at the other header
        }
        var host = headers.getFirst().replaceFirst(":[0-9]{1,5}$", "").toLowerCase(Locale.ROOT);
        return host.equals("localhost")
                || IPV4.matcher(host).matches()
                || IPV6.matcher(host).matches()
                || hosts.contains(host);
    }

    /** {@return whether the request does not come from a page of another site} */
    boolean isSameOrigin(HttpExchange exchange) {
        var site = header(exchange, "Sec-Fetch-Site");
        if (!site.isEmpty()) {
            // The browser has compared the sites, even if a proxy speaks TLS for this server.
            return site.equals("same-origin") || site.equals("none");
        }
        var origin = header(exchange, "Origin");
        var scheme = exchange instanceof HttpsExchange ? "https://" : "http://";
        return origin.isEmpty() || origin.equalsIgnoreCase(scheme + header(exchange, "Host"));
    }

    /** {@return whether the configuration has a token} */
    boolean hasToken() {
        return sessions.canSignIn();
    }

    /** {@return whether the sender has the token or is signed in} */
    boolean isEntitled(HttpExchange exchange) {
        var authorization = header(exchange, "Authorization");
        if (authorization.startsWith(BEARER)) {
            return isToken(exchange, authorization.substring(BEARER.length()).strip());
        }
        return secrets(exchange).anyMatch(sessions::isLasting);
    }

    /** {@return whether this is the token; if it is not, the log says who sent it} */
    boolean isToken(HttpExchange exchange, String text) {
        if (sessions.isToken(text)) {
            return true;
        }
        wrongTokens.log(exchange.getRemoteAddress());
        return false;
    }

    /** {@return the reply to a sender who is not entitled} */
    Failure unentitled(HttpExchange exchange) {
        if (!hasToken()) {
            return READ_ONLY;
        }
        exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
        return new Failure(401, "this needs the token of admin.token-file");
    }

    /**
     * {@return the secrets of the sessions that the request claims to belong to} There may be several: cookies know no ports, so
     * another server of the same host can add one.
     */
    static Stream<String> secrets(HttpExchange exchange) {
        return exchange.getRequestHeaders().getOrDefault("Cookie", List.of()).stream()
                .flatMap(header -> Stream.of(header.split(";")))
                .map(String::strip)
                .filter(cookie -> cookie.startsWith(COOKIE + "="))
                .map(cookie -> cookie.substring(COOKIE.length() + 1));
    }

    private static String header(HttpExchange exchange, String name) {
        var value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }
}
