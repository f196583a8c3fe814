package dev.socketforwarder.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what a request must be, and what is answered if it is not. */
class RequestTest {
    private static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    private static final String UPGRADE =
            "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: " + KEY + "\r\n";

    private static String get(String target, String headers) {
        return "GET " + target + " HTTP/1.1\r\nHost: forwarder.example:8080\r\n" + headers + "\r\n";
    }

    private static ScriptedConversation asked(String request) {
        return asked(Rules.DEFAULT, request);
    }

    private static ScriptedConversation asked(WebSocketSettings rules, String request) {
        return new ScriptedConversation(rules).send(request);
    }

    private static void assertRefused(ScriptedConversation conversation, int status, Reason reason, String words) {
        assertThat(conversation.firstMessage).isNull();
        assertThat(conversation.ended).isEqualTo(reason);
        assertThat(conversation.text())
                .startsWith("HTTP/1.1 " + status + " ")
                .contains("\r\nConnection: close\r\n")
                .contains(words)
                .endsWith(".\n");
        assertThat(conversation.detail).isNotEmpty();
    }

    @Test
    void theUpgradeIsThatOfTheRfc() {
        var conversation = asked(get("/groups/tanks", UPGRADE));
        assertThat(conversation.firstMessage).isEqualTo("PREFIX:tanks\n");
        assertThat(conversation.admit().text())
                .isEqualTo("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
    }

    @Test
    void theHeadMayComeInPieces() {
        var conversation = new ScriptedConversation(Rules.DEFAULT);
        get("/groups/g", UPGRADE).chars().forEach(each -> conversation.send(new byte[] {(byte) each}));
        assertThat(conversation.firstMessage).isEqualTo("PREFIX:g\n");
    }

    @ParameterizedTest
    @CsvSource({
        "/groups/a,a",
        "/groups/%C3%A4%20b,ä b",
        "/groups/a%2Fb,a/b",
        "/groups/a+b,a+b",
        "/groups/a?x=y,a",
        "/groups/a/events,a",
        "/groups/events,events",
        "http://forwarder.example/groups/a,a",
        "HTTPS://[::1]:8080/groups/a/events?x=http://y/,a",
        "ws://forwarder.example/groups/a%2Fb,a/b"
    })
    void thePathNamesTheGroup(String target, String group) {
        assertThat(asked(get(target, UPGRADE)).firstMessage).isEqualTo("PREFIX:" + group + "\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/groups",
                "/groups/",
                "/groups/a/",
                "/groups/a/b",
                "/groups/a/b/events",
                "/groups//events",
                "*",
                "http://forwarder.example",
                "http://forwarder.example/",
                "http://forwarder.example?/groups/a",
                "http:///groups/a",
                "http://user@forwarder.example/groups/a",
                "ftp://forwarder.example/groups/a",
                "forwarder.example/groups/a"
            })
    void anotherPathIsNotFound(String target) {
        assertRefused(asked(get(target, UPGRADE)), 404, Reason.PROTOCOL_ERROR, "/groups/<ID>");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/groups/%",
                "/groups/%4",
                "/groups/%zz",
                "/groups/%-1",
                "/groups/%+a",
                "/groups/%-c",
                "/groups/%a",
                "/groups/%ff",
                "/groups/%C3"
            })
    void aWrongEncodingIsABadRequest(String target) {
        assertRefused(asked(get(target, UPGRADE)), 400, Reason.PROTOCOL_ERROR, "percent encoding");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%00", "%0A", "a%0aPREFIX:b"})
    void aGroupHasNoControlCharacters(String group) {
        assertRefused(asked(get("/groups/" + group, UPGRADE)), 400, Reason.BAD_GROUP_ID, "names no group");
    }

    @Test
    void aGroupHasALongestName() {
        assertRefused(asked(get("/groups/" + "a".repeat(257), UPGRADE)), 400, Reason.BAD_GROUP_ID, "names no group");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Upgrade: h2c\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\nConnection: close\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\n",
                "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 8\r\n"
            })
    void whatIsNoUpgradeIsTold(String headers) {
        var conversation = asked(get("/groups/g", headers));
        assertRefused(conversation, 426, Reason.PROTOCOL_ERROR, "WebSocket");
        assertThat(asked(get("/groups/g", headers)).text()).contains("Sec-WebSocket-Version: 13\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Sec-WebSocket-Key: AAAA\r\n", "Sec-WebSocket-Key: ?\r\n"})
    void theKeyHas16Bytes(String key) {
        var headers = UPGRADE.replace("Sec-WebSocket-Key: " + KEY + "\r\n", key);
        assertRefused(asked(get("/groups/g", headers)), 400, Reason.PROTOCOL_ERROR, "Sec-WebSocket-Key");
    }

    @Test
    void theKeyIsThereOnce() {
        var twice = UPGRADE + "Sec-WebSocket-Key: " + KEY + "\r\n";
        assertRefused(asked(get("/groups/g", twice)), 400, Reason.PROTOCOL_ERROR, "once");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SOCKETFORWARDER-NEW:group\n",
                "GET /groups/g\r\n\r\n",
                "GET /groups/g HTTP/2.0\r\n\r\n",
                "GET /groups/g HTTP/1.0\r\nHost: a\r\n\r\n",
                "GET /groups/g HTTP/1.1\r\nno colon\r\n\r\n",
                "GET /groups/g HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
                "GET /groups/g HTTP/1.1\r\nHost: a\r\nHost: b\r\n" + UPGRADE + "\r\n",
                "\n",
                "\u0000\u0001\n",
                "\u0016\u0003\u0001", // TLS
                "\u0016",
                "\u0081",
                "GET /groups/g\u0000",
                "G\u0001",
                " "
            })
    void whatIsNoHttpIsToldAtOnce(String bytes) {
        var conversation = asked(bytes);
        assertThat(conversation.text()).startsWith("HTTP/1.1 4");
        assertThat(conversation.ended).isEqualTo(Reason.PROTOCOL_ERROR);
    }

    @Test
    void anotherMethodIsNotAllowed() {
        assertRefused(asked("PUT /groups/g HTTP/1.1\r\nHost: a\r\n\r\n"), 405, Reason.PROTOCOL_ERROR, "POST");
        assertRefused(asked("POST /groups/g/events HTTP/1.1\r\nHost: a\r\n\r\n"), 405, Reason.PROTOCOL_ERROR, "GET");
    }

    @ParameterizedTest
    @CsvSource({"HEAD,/groups/g,405", "HEAD,/groups/g/events,405", "HEAD,/,404", "GET,/,404"})
    void theAnswerToHeadHasNoBody(String method, String target, int status) {
        var conversation = asked(method + " " + target + " HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(conversation.ended).isEqualTo(Reason.PROTOCOL_ERROR);
        var answer = conversation.text();
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").containsPattern("Content-Length: [1-9]");
        assertThat(answer.endsWith("\r\n\r\n")).isEqualTo(method.equals("HEAD"));
    }

    @ParameterizedTest
    @CsvSource({
        "http://forwarder.example,true",
        "https://Forwarder.Example:3000,true",
        "http://evil.example,false",
        "http://forwarder.example.evil.example,false",
        "http://evil.example/forwarder.example,false",
        "null,false"
    })
    void withoutOriginsOnlyPagesOfTheSameHostJoin(String origin, boolean isAllowed) {
        var conversation = asked(get("/groups/g", UPGRADE + "Origin: " + origin + "\r\n"));
        if (isAllowed) {
            assertThat(conversation.firstMessage).isNotNull();
        } else {
            assertRefused(conversation, 403, Reason.NOT_ADMITTED, "origins");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://forwarder.example", "http://evil.example"})
    void theOriginIsThereOnce(String other) {
        for (var rules : List.of(Rules.DEFAULT, Rules.of(List.of("*"), false, false))) {
            var twice = UPGRADE + "Origin: http://forwarder.example\r\nOrigin: " + other + "\r\n";
            assertRefused(asked(rules, get("/groups/g", twice)), 400, Reason.PROTOCOL_ERROR, "Origin");
        }
    }

    /** RFC 9112, section 3.2.2: the host in the target counts, and the header does not. */
    @ParameterizedTest
    @CsvSource({"http://other.example,true", "http://forwarder.example,false"})
    void theHostOfAnAbsoluteTargetIsTheOneOfThePage(String origin, boolean isAllowed) {
        var conversation = asked(get("http://other.example:1/groups/g", UPGRADE + "Origin: " + origin + "\r\n"));
        assertThat(conversation.firstMessage != null).isEqualTo(isAllowed);
    }

    @Test
    void withOriginsTheyDecideAlone() {
        var rules = Rules.of(List.of("https://page.example", "null"), false, false);
        for (var origin : new String[] {"https://page.example", "https://PAGE.example", "null"}) {
            assertThat(asked(rules, get("/groups/g", UPGRADE + "Origin: " + origin + "\r\n")).firstMessage)
                    .isNotNull();
        }
        for (var origin : new String[] {"http://page.example", "https://page.example:1", "http://forwarder.example"}) {
            assertRefused(
                    asked(rules, get("/groups/g", UPGRADE + "Origin: " + origin + "\r\n")),
                    403,
                    Reason.NOT_ADMITTED,
                    "origins");
        }
        assertThat(asked(Rules.of(List.of("*"), false, false), get("/groups/g", UPGRADE + "Origin: http://any\r\n"))
                        .firstMessage)
                .isNotNull();
    }

    @Test
    void aTokenComesInAHeaderOrAsASubprotocol() {
        var rules = Rules.of(List.of(), false, true);
        assertThat(asked(rules, get("/groups/g", UPGRADE + "Authorization: bearer T.x\r\n")).firstMessage)
                .isEqualTo("PREFIX:T.x:g\n");
        var conversation = asked(rules, get("/groups/g", UPGRADE + "Sec-WebSocket-Protocol: token.T.x\r\n"));
        assertThat(conversation.firstMessage).isEqualTo("PREFIX:T.x:g\n");
        assertThat(conversation.admit().text()).contains("Sec-WebSocket-Protocol: token.T.x\r\n");
    }

    @Test
    void theAnswerNamesASubprotocolThatIsNoTokenIfThereIsOne() {
        var conversation = asked(get("/groups/g", UPGRADE + "Sec-WebSocket-Protocol: token.T, chat\r\n"));
        assertThat(conversation.admit().text())
                .contains("Sec-WebSocket-Protocol: chat\r\n")
                .doesNotContain("token");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a b", "chat, a\tb", "chat\r\nSec-WebSocket-Protocol: a b", "token.a=", "\"chat\"", "a/b", "ä"})
    void aSubprotocolIsATokenOfHttp(String offer) {
        assertRefused(
                asked(get("/groups/g", UPGRADE + "Sec-WebSocket-Protocol: " + offer + "\r\n")),
                400,
                Reason.PROTOCOL_ERROR,
                "subprotocol");
    }

    @Test
    void aTokenInTheQueryNeedsASetting() {
        assertThat(asked(Rules.of(List.of(), true, true), get("/groups/g?token=T%2ex&a=b", UPGRADE)).firstMessage)
                .isEqualTo("PREFIX:T.x:g\n");
        assertRefused(
                asked(Rules.of(List.of(), false, true), get("/groups/g?token=secret", UPGRADE)),
                403,
                Reason.BAD_TOKEN,
                "query-token");
    }

    @Test
    void withoutATokenThePoliciesGetAnEmptyOne() {
        var conversation = asked(Rules.of(List.of(), false, true), get("/groups/T:g", UPGRADE));
        assertThat(conversation.firstMessage).isEqualTo("PREFIX::T:g\n"); // no token can come in the path
    }

    @Test
    void aTokenCannotMoveTheGroup() {
        var rules = Rules.of(List.of(), true, true);
        assertRefused(asked(rules, get("/groups/g?token=a:b", UPGRADE)), 401, Reason.BAD_TOKEN, "token");
        assertRefused(asked(rules, get("/groups/g?token=a%0ab", UPGRADE)), 401, Reason.BAD_TOKEN, "token");
    }

    @Test
    void refusalsOfTheRuntimeAreTold() {
        assertAnswer(Reason.TOO_MANY_MEMBERS, 503, "too many members");
        assertAnswer(Reason.TOO_MANY_GROUPS, 503, "too many groups");
        assertAnswer(Reason.BAD_TOKEN, 401, "token");
        assertAnswer(Reason.NOT_ADMITTED, 403, "not admitted");
        assertAnswer(Reason.FIRST_MESSAGE_TIMEOUT, 408, "too long");
        assertAnswer(Reason.FIRST_MESSAGE_TOO_LONG, 431, "first-message-limit");
        assertAnswer(Reason.STOPPED, 503, "stopped");
        assertAnswer(Reason.HANDSHAKE_FAILED, 500, "failed");
    }

    private static void assertAnswer(Reason reason, int status, String words) {
        var conversation = asked(get("/groups/g", UPGRADE));
        conversation.codec().goodbye(reason);
        assertThat(conversation.text()).startsWith("HTTP/1.1 " + status + " ").contains(words);
    }

    @ParameterizedTest
    @CsvSource({
        "permessage-deflate,true",
        "permessage-deflate; client_max_window_bits,true",
        "permessage-deflate; client_max_window_bits=10; server_no_context_takeover,true",
        "permessage-deflate; client_max_window_bits=8,true",
        "permessage-deflate; client_max_window_bits=15,true",
        "permessage-deflate ;client_max_window_bits = \"10\" ; client_no_context_takeover,true",
        "permessage-deflate; client_max_window_bits=,false",
        "permessage-deflate; client_max_window_bits=7,false",
        "permessage-deflate; client_max_window_bits=16,false",
        "permessage-deflate; client_max_window_bits=08,false",
        "permessage-deflate; client_max_window_bits=010,false",
        "permessage-deflate; client_max_window_bits=+9,false",
        "permessage-deflate; client_max_window_bits=1O,false",
        "permessage-deflate; client_max_window_bits=٩,false",
        "permessage-deflate; client_max_window_bits=\"10,false",
        "permessage-deflate; client_max_window_bits=10\",false",
        "permessage-deflate; client_max_window_bits=\"\",false",
        "permessage-deflate; client_max_window_bits=10=10,false",
        "permessage-deflate; client_max_window_bits=10 10,false",
        "permessage-deflate; client_max_window_bits; client_max_window_bits,false",
        "permessage-deflate; client_max_window_bits=10; client_max_window_bits = 10,false",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover,false",
        "permessage-deflate; client_no_context_takeover=true,false",
        "permessage-deflate; client_no_context_takeover=,false",
        "permessage-deflate; server_no_context_takeover=1,false",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover,false",
        "permessage-deflate; server_max_window_bits,false",
        "permessage-deflate; server_max_window_bits=7,false",
        "permessage-deflate; server_max_window_bits=10,false",
        "'permessage-deflate; server_max_window_bits=10, permessage-deflate',true",
        "'permessage-deflate; unknown, permessage-deflate; client_max_window_bits=99, permessage-deflate',true",
        "'unknown; a=b, permessage-deflate; client_max_window_bits',true",
        "permessage-deflate; unknown,false",
        "permessage-deflate; unknown=1,false",
        "permessage-deflate; client_no_context_takeover; unknown,false",
        "permessage-deflate; client_no_context_takeovers,false",
        "permessage-deflate=1,false",
        "permessage-deflate permessage-deflate,false",
        "permessage-deflat,false",
        "permessage-deflate;,false",
        "';',false",
        "',',false",
        "'; ;',false",
        "'=',false",
        "'; permessage-deflate',false",
        "', permessage-deflate ; client_max_window_bits = 10',true",
        "x-webkit-deflate-frame,false"
    })
    void compressionIsAgreedToWithoutContextsIfTheOfferIsAllowed(String offer, boolean isAgreed) {
        var answer = asked(get("/groups/g", UPGRADE + "Sec-WebSocket-Extensions: " + offer + "\r\n"))
                .admit()
                .text();
        if (isAgreed) {
            assertThat(answer)
                    .contains(
                            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n");
        } else {
            assertThat(answer).startsWith("HTTP/1.1 101 ").doesNotContain("Extensions");
        }
    }

    @Test
    void aRequestThatCannotBeReadIsABadRequest() {
        WebSocketSettings none = null; // makes the reading fail
        assertRefused(asked(none, get("/groups/g", UPGRADE)), 400, Reason.PROTOCOL_ERROR, "cannot be read");
    }

    private static String asPage(String method, String target, String headers) {
        return method + " " + target + " HTTP/1.1\r\nHost: a\r\nOrigin: http://page.example\r\n" + headers + "\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {"/groups/g", "/groups/g/events"})
    void aPageOfAnAllowedOriginMaySendATokenAndAType(String target) {
        var conversation = asked(
                Rules.of(List.of("http://page.example"), false, false),
                asPage("OPTIONS", target, "Access-Control-Request-Method: POST\r\n"));
        assertThat(conversation.text())
                .startsWith("HTTP/1.1 204 ")
                .contains(
                        "Access-Control-Allow-Origin: http://page.example\r\n",
                        "Access-Control-Allow-Methods: GET, POST\r\n",
                        "Access-Control-Allow-Headers: authorization, content-type\r\n");
        assertThat(conversation.firstMessage).isNull();
        assertThat(conversation.ended).isEqualTo(Reason.PEER_CLOSED);
    }

    @Test
    void noOtherOptionsAreTold() {
        assertRefused(asked(asPage("OPTIONS", "/groups/g", "")), 403, Reason.NOT_ADMITTED, "origins");
        assertRefused(
                asked("OPTIONS /groups/g HTTP/1.1\r\nHost: a\r\n\r\n"), 405, Reason.PROTOCOL_ERROR, "Allow: GET, POST");
    }

    @Test
    void aPageOfAnAllowedOriginMayReadWhyItIsRefused() {
        var rules = Rules.of(List.of("http://page.example"), false, false);
        var allowed = "\r\nAccess-Control-Allow-Origin: http://page.example\r\nVary: Origin\r\n";
        assertRefused(asked(rules, asPage("GET", "/", "")), 404, Reason.PROTOCOL_ERROR, allowed);
        var conversation = asked(rules, asPage("POST", "/groups/g", "Content-Length: 1\r\n"));
        conversation.codec().goodbye(Reason.BAD_TOKEN);
        assertThat(conversation.text()).startsWith("HTTP/1.1 401 ").contains(allowed);
        conversation = asked(rules, asPage("POST", "/groups/g", "Content-Length: 1001\r\n"))
                .admit();
        assertThat(conversation.text()).startsWith("HTTP/1.1 413 ").contains(allowed);
        assertThat(asked(asPage("GET", "/groups/g/events", "")).text()).doesNotContain("Access-Control");
    }
}
