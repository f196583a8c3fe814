package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsExchange;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides whether a request may be answered, and whether its sender may change anything.
 *
 * <p>A page of another site must reach nothing. A name that it made to resolve to this machine is refused by its {@code Host}
 * header, and a request that it makes a browser send is refused by its origin.
 */
final class Guard {
    static final String COOKIE = "socketforwarder-session";

    private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
    private static final Pattern IPV6 = Pattern.compile("\\[[0-9a-fA-F:.%]+]");
    private static final String BEARER = "Bearer ";

    private final Set<String> hosts;
    private final Sessions sessions;

    Guard(Set<String> hosts, Sessions sessions) {
        this.hosts = hosts;
        this.sessions = sessions;
    }

    /** {@return whether the request names this server by an IP address, {@code localhost}, or a configured name} */
    boolean isAddressedRightly(HttpExchange exchange) {
        var header = header(exchange, "Host");
        var host = header.replaceFirst(":[0-9]{1,5}$", "").toLowerCase(Locale.ROOT);
        return host.equals("localhost")
                || IPV4.matcher(host).matches()
                || IPV6.matcher(host).matches()
                || hosts.contains(host);
    }

    /** {@return whether the request does not come from a page of another site} */
    boolean isSameOrigin(HttpExchange exchange) {
        var site = header(exchange, "Sec-Fetch-Site");
        if (!site.isEmpty() && !site.equals("same-origin") && !site.equals("none")) {
            return false;
        }
        var origin = header(exchange, "Origin");
        var scheme = exchange instanceof HttpsExchange ? "https://" : "http://";
        return origin.isEmpty() || origin.equalsIgnoreCase(scheme + header(exchange, "Host"));
    }

    /** {@return whether the sender has the token or is signed in} */
    boolean isEntitled(HttpExchange exchange) {
        var authorization = header(exchange, "Authorization");
        if (authorization.startsWith(BEARER)) {
            return sessions.isToken(authorization.substring(BEARER.length()).strip());
        }
        return session(exchange).filter(sessions::isLasting).isPresent();
    }

    /** {@return the secret of the session that the request claims to belong to} */
    static Optional<String> session(HttpExchange exchange) {
        for (var cookie : header(exchange, "Cookie").split(";")) {
            var parts = cookie.strip().split("=", 2);
            if (parts.length == 2 && parts[0].equals(COOKIE)) {
                return Optional.of(parts[1]);
            }
        }
        return Optional.empty();
    }

    private static String header(HttpExchange exchange, String name) {
        var value = exchange.getRequestHeaders().getFirst(name);
        return value == null ? "" : value;
    }
}
