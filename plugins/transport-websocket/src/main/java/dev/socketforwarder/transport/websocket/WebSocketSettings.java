package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.kit.ListeningSettings;
import java.util.List;
import java.util.regex.Pattern;

/**
 * The settings that only WebSocket endpoints have; the streams read those of all endpoints with connections.
 *
 * @param listening where to listen
 * @param origins {@code origins}: the origins whose pages may join; empty for pages of the same host
 * @param queryToken {@code query-token}: whether a token may stand in the query
 * @param text {@code text}: whether a message without a kind is text, if it is UTF-8
 * @param deflate {@code deflate}: whether to agree to compression
 * @param prefix {@code new-client-prefix}: how a first message begins, for the policies
 * @param sendsToken whether the first message has a token before the group
 */
record WebSocketSettings(
        ListeningSettings listening,
        List<String> origins,
        boolean queryToken,
        boolean text,
        boolean deflate,
        String prefix,
        boolean sendsToken) {

    private static final Pattern ORIGIN = Pattern.compile("\\*|null|[a-z][a-z0-9+.-]*://[^/\\s?#]+");
    /** The policies by default. */
    static final List<String> POLICIES = List.of("prefix");

    static WebSocketSettings read(Settings settings) {
        var origins = settings.list("origins", List.of());
        for (var origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw settings.invalid(
                        "origins", origin, "an origin such as https://example.org, without a path, or *");
            }
        }
        return new WebSocketSettings(
                ListeningSettings.read(settings),
                origins,
                settings.flag("query-token", false),
                settings.flag("text", false),
                settings.flag("deflate", false),
                settings.text("new-client-prefix", "SOCKETFORWARDER-NEW:"),
                settings.list("handshake", POLICIES).contains("token"));
    }

    /**
     * {@return whether pages of an origin may join}
     *
     * @param origin what a browser tells of the page
     * @param host the header {@code Host}: what the browser asked for
     */
    boolean allows(String origin, String host) {
        if (!origins.isEmpty()) {
            return origins.contains("*") || origins.stream().anyMatch(origin::equalsIgnoreCase);
        }
        int scheme = origin.indexOf("://");
        return scheme > 0 && withoutPort(origin.substring(scheme + 3)).equalsIgnoreCase(withoutPort(host));
    }

    private static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(0, colon) : host;
    }
}
