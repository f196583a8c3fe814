package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a client asks for by one HTTP request, checked by the rules of RFC 6455 and of the endpoint.
 *
 * @param purpose what the client wants
 * @param group the group's name
 * @param token what admits the client; empty if it sent none
 * @param key the client's {@code Sec-WebSocket-Key}; empty unless the client wants a socket
 * @param protocol the subprotocol to agree to; empty if the client offered none
 * @param isDeflating whether to agree to a compression that the client offers
 * @param length how many bytes of a body follow
 * @param isText whether the body is text, by its type
 * @param expectsContinue whether the client waits before it sends the body
 */
record Request(
        Purpose purpose,
        String group,
        Optional<String> token,
        String key,
        Optional<String> protocol,
        boolean isDeflating,
        int length,
        boolean isText,
        boolean expectsContinue) {

    /** What a client sends that takes the forwarder for a proxy: the host, and the path with its query. */
    private static final Pattern ABSOLUTE = Pattern.compile("(?i)(?:https?|wss?)://([^/?#@]+)(.*)");

    private static final String PATH = "/groups/";
    private static final String EVENTS = "/events";
    /** What RFC 6455, section 4.1, allows as a subprotocol: a token of HTTP. */
    private static final Pattern PROTOCOL = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");

    private static final String TOKEN = "token.";
    private static final String BEARER = "bearer ";
    private static final int KEY_BYTES = 16;
    private static final List<String> TEXTS =
            List.of("text/", "application/json", "application/x-www-form-urlencoded"); // the last is what curl -d says

    /** What a client may want. */
    enum Purpose {
        /** Be a member, by WebSocket. */
        SOCKET,
        /** Receive the group's messages as server-sent events. */
        EVENTS,
        /** Publish one message. */
        PUBLISH,
        /** Learn, for a page of another origin, what the page may send. */
        PREFLIGHT
    }

    /**
     * {@return the page's origin if a browser must be told that the page may read the answer; empty otherwise}
     *
     * @throws Refusal if pages of this origin may not join
     */
    static Optional<String> origin(HttpRequest http, WebSocketSettings rules) throws Refusal {
        var hosts = http.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.size() != 1) {
            throw new Refusal(400, "The request needs the header Host, once.");
        }
        var origins = http.headers().getAll(HttpHeaderNames.ORIGIN);
        if (origins.size() > 1) {
            throw new Refusal(400, "The request has the header Origin more than once.");
        }
        if (origins.isEmpty()) {
            return Optional.empty(); // not a browser, or a page of this very endpoint
        }
        var origin = origins.getFirst();
        var absolute = ABSOLUTE.matcher(http.uri());
        var host = absolute.matches() ? absolute.group(1) : hosts.getFirst(); // RFC 9112, section 3.2.2
        if (!rules.allows(origin, host)) {
            throw new Refusal(
                    403,
                    Reason.NOT_ADMITTED,
                    "Pages of this origin may not join. The setting origins of the endpoint lists those that may.",
                    "");
        }
        return Optional.of(origin);
    }

    /**
     * Check a request whose {@link #origin} may join.
     *
     * @param http the request
     * @param rules the endpoint's rules
     */
    static Request of(HttpRequest http, WebSocketSettings rules) throws Refusal {
        var headers = http.headers();
        var target = Target.of(http.uri());
        if (!http.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new Refusal(400, "This port speaks HTTP/1.1.");
        }
        var purpose = purpose(http, target);
        var protocols = protocols(headers);
        return new Request(
                purpose,
                target.group(),
                token(headers, protocols, target, rules),
                purpose == Purpose.SOCKET ? key(http) : "",
                protocol(protocols),
                purpose == Purpose.SOCKET
                        && rules.deflate()
                        && elements(headers, HttpHeaderNames.SEC_WEBSOCKET_EXTENSIONS).stream()
                                .anyMatch(Deflate::agreesTo),
                purpose == Purpose.PUBLISH ? length(headers) : 0,
                isText(headers),
                headers.containsValue(HttpHeaderNames.EXPECT, "100-continue", true));
    }

    /**
     * The parts of a request's target.
     *
     * @param group the group's name
     * @param isEvents whether the path asks for events
     * @param token the token in the query
     */
    private record Target(String group, boolean isEvents, Optional<String> token) {

        static Target of(String sent) throws Refusal {
            var absolute = ABSOLUTE.matcher(sent);
            var uri = absolute.matches() ? absolute.group(2) : sent;
            int mark = uri.indexOf('?');
            var path = mark < 0 ? uri : uri.substring(0, mark);
            var rest = path.startsWith(PATH) ? path.substring(PATH.length()) : "";
            boolean isEvents = rest.endsWith(EVENTS);
            var id = isEvents ? rest.substring(0, rest.length() - EVENTS.length()) : rest;
            if (id.isEmpty() || id.indexOf('/') >= 0) {
                throw new Refusal(
                        404,
                        "There is nothing at this path. A group is at /groups/<ID>, its events are at /groups/<ID>/events.");
            }
            var group = decoded(id);
            if (!GroupId.isValid(group)) {
                throw Refusal.of(Reason.BAD_GROUP_ID);
            }
            var token = mark < 0
                    ? Optional.<String>empty()
                    : Arrays.stream(uri.substring(mark + 1).split("&"))
                            .filter(parameter -> parameter.startsWith("token="))
                            .findFirst();
            return new Target(
                    group,
                    isEvents,
                    token.isEmpty() ? token : Optional.of(decoded(token.get().substring(6))));
        }
    }

    private static Purpose purpose(HttpRequest http, Target target) throws Refusal {
        if (http.method().equals(HttpMethod.POST) && !target.isEvents()) {
            return Purpose.PUBLISH;
        }
        if (http.method().equals(HttpMethod.OPTIONS) && http.headers().contains(HttpHeaderNames.ORIGIN)) {
            return Purpose.PREFLIGHT;
        }
        if (!http.method().equals(HttpMethod.GET)) {
            throw new Refusal(
                    405,
                    Reason.PROTOCOL_ERROR,
                    "GET joins a group, and POST to /groups/<ID> publishes a message.",
                    target.isEvents() ? "Allow: GET\r\n" : "Allow: GET, POST\r\n");
        }
        if (target.isEvents()) {
            return Purpose.EVENTS;
        }
        var headers = http.headers();
        boolean isUpgrade = elements(headers, HttpHeaderNames.UPGRADE).stream().anyMatch("websocket"::equalsIgnoreCase)
                && elements(headers, HttpHeaderNames.CONNECTION).stream().anyMatch("upgrade"::equalsIgnoreCase);
        if (!isUpgrade) {
            throw upgrade("Groups are joined by WebSocket: this request asks for no upgrade. Without WebSocket, GET"
                    + " /groups/<ID>/events streams a group's messages, and POST /groups/<ID> publishes one.");
        }
        if (!"13".equals(headers.get(HttpHeaderNames.SEC_WEBSOCKET_VERSION))) {
            throw upgrade("This port speaks version 13 of WebSocket.");
        }
        return Purpose.SOCKET;
    }

    private static Refusal upgrade(String text) {
        return new Refusal(
                426,
                Reason.PROTOCOL_ERROR,
                text,
                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"); // Connection: close stands in each refusal
    }

    private static String key(HttpRequest http) throws Refusal {
        var keys = http.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        try {
            if (keys.size() == 1 && Base64.getDecoder().decode(keys.getFirst()).length == KEY_BYTES) {
                return keys.getFirst();
            }
        } catch (IllegalArgumentException _) {
            // not base64
        }
        throw new Refusal(400, "The header Sec-WebSocket-Key must be there once, with 16 bytes in base64.");
    }

    private static List<String> protocols(HttpHeaders headers) throws Refusal {
        var protocols = elements(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
        if (!protocols.stream().allMatch(PROTOCOL.asMatchPredicate())) {
            throw new Refusal(
                    400,
                    "The header Sec-WebSocket-Protocol has a character that a subprotocol cannot have. A token with such"
                            + " characters fits the header Authorization: Bearer.");
        }
        return protocols;
    }

    private static Optional<String> token(
            HttpHeaders headers, List<String> protocols, Target target, WebSocketSettings rules) throws Refusal {
        var token = anyToken(headers, protocols, target, rules);
        if (token.isPresent() && !isPlain(token.get())) {
            throw Refusal.of(Reason.BAD_TOKEN);
        }
        return token;
    }

    /** {@return whether a token cannot be taken for more than a token: a colon would end it, a line feed the first message} */
    private static boolean isPlain(String token) {
        return token.chars().noneMatch(c -> c == ':' || Character.isISOControl(c));
    }

    private static Optional<String> anyToken(
            HttpHeaders headers, List<String> protocols, Target target, WebSocketSettings rules) throws Refusal {
        var authorization = headers.get(HttpHeaderNames.AUTHORIZATION, "");
        if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of(authorization.substring(BEARER.length()).strip());
        }
        var offered = protocols.stream().filter(Request::isToken).findFirst();
        if (offered.isPresent()) {
            return Optional.of(offered.get().substring(TOKEN.length()));
        }
        if (target.token().isPresent() && !rules.queryToken()) {
            throw new Refusal(
                    403,
                    Reason.BAD_TOKEN,
                    "This endpoint takes no token in the query, where proxies log it. The setting query-token allows that.",
                    "");
        }
        return target.token();
    }

    private static boolean isToken(String protocol) {
        return protocol.startsWith(TOKEN);
    }

    /** {@return the client's first subprotocol that is no token, since the answer need not repeat a token; else the token} */
    private static Optional<String> protocol(List<String> offered) {
        return offered.stream()
                .filter(protocol -> !isToken(protocol))
                .findFirst()
                .or(() -> offered.stream().findFirst());
    }

    private static int length(HttpHeaders headers) throws Refusal {
        var text = headers.get(HttpHeaderNames.CONTENT_LENGTH, "");
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || text.isEmpty()) {
            throw new Refusal(411, "A message needs a header Content-Length, and no Transfer-Encoding.");
        }
        try {
            int length = Integer.parseInt(text);
            if (length > 0) {
                return length;
            }
        } catch (NumberFormatException _) {
            throw Refusal.of(Reason.MESSAGE_TOO_LARGE); // digits, as the decoder has checked
        }
        throw new Refusal(400, "The request has no message.");
    }

    private static boolean isText(HttpHeaders headers) {
        var type = headers.get(HttpHeaderNames.CONTENT_TYPE, "");
        return TEXTS.stream().anyMatch(text -> type.regionMatches(true, 0, text, 0, text.length()));
    }

    private static List<String> elements(HttpHeaders headers, CharSequence name) {
        return headers.getAll(name).stream()
                .flatMap(line -> Arrays.stream(line.split(",")))
                .map(String::strip)
                .filter(element -> !element.isEmpty())
                .toList();
    }

    /** {@return a text whose percent signs stand for bytes of UTF-8} */
    private static String decoded(String text) throws Refusal {
        var bytes = ByteBuffer.allocate(text.length());
        try {
            for (int i = 0; i < text.length(); i++) {
                if (text.charAt(i) == '%') {
                    bytes.put((byte) HexFormat.fromHexDigits(text, i + 1, i + 3));
                    i += 2;
                } else if (text.charAt(i) < 0x80) {
                    bytes.put((byte) text.charAt(i));
                } else {
                    throw new IllegalArgumentException();
                }
            }
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
        } catch (CharacterCodingException | IndexOutOfBoundsException | IllegalArgumentException _) {
            throw new Refusal(400, "The path or the token is not UTF-8 in percent encoding.");
        }
    }
}
