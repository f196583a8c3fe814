package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Compares what the admin endpoint answers with {@code docs/openapi.yaml}. */
@Timeout(120)
class AdminApiTest {
    private static final OpenApi DESCRIBED = OpenApi.read(Path.of("../docs/openapi.yaml"));
    private static final String API = "/api/v1/";
    private static final String OTHER_SITE = "http://elsewhere.example";

    private final Set<String> asked = new TreeSet<>();

    @Test
    void everyDescribedAnswerIsGivenAndIsAsDescribed() {
        try (var forwarder = Admin.enable(Launch.onFreePorts())
                        .env("SOCKETFORWARDER_ADMIN_TAP", "tele*")
                        .env("SOCKETFORWARDER_STALL_TIMEOUT", "60s")
                        .start();
                var admin = Admin.of(forwarder);
                var slow = TcpClient.connectSmall(forwarder.tcp()).join("telemetry");
                var sender = forwarder.join("telemetry");
                var datagrams = UdpClient.to(forwarder.udp()).register()) {
            forwarder.awaitJoined(slow, "telemetry");
            forwarder.awaitLine(datagrams.port() + " joined ");
            refuseSomebody(forwarder);
            askAboutHealth(admin);
            askAboutTap(admin, sender);
            Flood.start(sender, Noise.random(), 64 << 20);
            await().atMost(Forwarder.LIMIT)
                    .until(() -> !status(admin).path("lagging").isEmpty());
            askAboutState(admin);
            askForSession(admin);
            kick(admin, sender);
            reload(admin);
            drain(admin);
            assertThat(forwarder.awaitExit()).isZero();
        }
        assertThat(asked).isEqualTo(DESCRIBED.answers());
    }

    /** Ask, and compare the answer with the description. */
    private Admin.Answer ask(Admin admin, int status, String operation, String target, String body, String... headers) {
        var answer = admin.ask(operation.split(" ")[0], target, body, headers);
        assertThat(answer.status()).as(operation + ": " + answer.body()).isEqualTo(status);
        assertThat(DESCRIBED.faults(operation, answer)).isEmpty();
        asked.add(operation + " " + status);
        return answer;
    }

    /** Ask a question whose target is the path of its operation and a query. */
    private Admin.Answer get(Admin admin, int status, String path, String query, String... headers) {
        return ask(admin, status, "GET " + path, path + query, "", headers);
    }

    private static void refuseSomebody(Forwarder forwarder) {
        try (var stranger = TcpClient.connect(forwarder.tcp())) {
            stranger.send("GET / HTTP/1.1\r\n\r\n").expectEnd();
        }
    }

    private void askAboutHealth(Admin admin) {
        get(admin, 200, "/healthz", "");
        get(admin, 200, "/readyz", "");
        assertThat(get(admin, 200, "/metrics", "").type()).isEqualTo("text/plain");
        assertThat(get(admin, 200, "/metrics", "", "Accept", "application/openmetrics-text; version=1.0.0")
                        .type())
                .isEqualTo("application/openmetrics-text");
        assertThat(admin.ask("HEAD", "/healthz", "")).isEqualTo(new Admin.Answer(200, "text/plain", ""));
    }

    private void askAboutTap(Admin admin, TcpClient sender) {
        var path = API + "tap";
        get(admin, 400, path, "", Admin.WITH_TOKEN);
        get(admin, 401, path, "?group=telemetry");
        get(admin, 403, path, "?group=other", Admin.WITH_TOKEN);
        var events = events(admin, path, "?group=telemetry&format=hex", () -> sender.send("hi"), Admin.WITH_TOKEN);
        assertThat(events.get("message").path("text").asString()).isEqualTo("68 69");
        var ofSecond = events(admin, API + "events", "", () -> {});
        assertThat(ofSecond.get("status").path("state").asString()).isEqualTo("running");
        // The page draws at the status, which must not be newer than what the page draws with it.
        assertThat(ofSecond.keySet()).containsExactly("groups", "sample", "status");
    }

    private Map<String, JsonNode> events(Admin admin, String path, String query, Runnable onceOpen, String... headers) {
        var operation = "GET " + path;
        var events = admin.events(path + query, DESCRIBED.events(operation), onceOpen, headers);
        events.forEach((name, data) ->
                assertThat(DESCRIBED.faults(operation, name, data)).isEmpty());
        asked.add(operation + " 200");
        return events;
    }

    private JsonNode status(Admin admin) {
        return get(admin, 200, API + "status", "").json();
    }

    private void askAboutState(Admin admin) {
        get(admin, 200, API + "self", "");
        get(admin, 200, API + "sample", "");
        get(admin, 200, API + "history", "");
        assertThat(get(admin, 200, API + "groups", "?contains=TELE&sort=rate&offset=0&limit=5")
                        .json()
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        get(admin, 400, API + "groups", "?sort=colour");
        assertThat(get(admin, 200, API + "members", "").json().path("members").size())
                .isEqualTo(3);
        assertThat(get(admin, 200, API + "members", "?group=udp&ofEndpoint=true")
                        .json()
                        .path("total")
                        .asInt())
                .isEqualTo(1);
        get(admin, 400, API + "members", "?offset=-1");
        get(admin, 200, API + "explain", "?about=127.0.0.1");
        get(admin, 400, API + "explain", "");
        get(admin, 404, API + "explain", "?about=nosuch");
        get(admin, 401, API + "configuration", "");
        get(admin, 200, API + "configuration", "", Admin.WITH_TOKEN);
    }

    private void askForSession(Admin admin) {
        var path = API + "session";
        get(admin, 200, path, "");
        ask(admin, 400, "POST " + path, path, "");
        ask(admin, 401, "POST " + path, path, "{\"token\": \"guessed\"}");
        ask(admin, 413, "POST " + path, path, "{\"token\": \"" + "long".repeat(2_000) + "\"}");
        ask(admin, 403, "POST " + path, path, "{}", "Origin", OTHER_SITE);
        ask(admin, 204, "POST " + path, path, "{\"token\": \"" + Admin.TOKEN + "\"}");
        ask(admin, 403, "DELETE " + path, path, "", "Sec-Fetch-Site", "cross-site");
        ask(admin, 204, "DELETE " + path, path, "");
        assertThat(get(admin, 200, path, "", Admin.WITH_TOKEN)
                        .json()
                        .path("signedIn")
                        .asBoolean())
                .isTrue();
    }

    private void kick(Admin admin, TcpClient member) {
        var operation = "POST " + API + "members/{id}/kick";
        var id = get(admin, 200, API + "members", "")
                .json()
                .path("members")
                .valueStream()
                .filter(each -> each.path("address").asString().equals(member.shown()))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asString();
        var target = API + "members/" + id + "/kick";
        ask(admin, 401, operation, target, "");
        ask(admin, 403, operation, target, "", "Origin", OTHER_SITE, "Authorization", Admin.WITH_TOKEN[1]);
        ask(admin, 404, operation, API + "members/999999/kick", "", Admin.WITH_TOKEN);
        ask(admin, 204, operation, target, "", Admin.WITH_TOKEN);
    }

    private void reload(Admin admin) {
        for (var path : List.of(API + "changes", API + "reload")) {
            ask(admin, 401, "POST " + path, path, "");
            ask(admin, 403, "POST " + path, path, "", "Origin", OTHER_SITE);
            ask(admin, 200, "POST " + path, path, "", Admin.WITH_TOKEN);
        }
    }

    private void drain(Admin admin) {
        var path = API + "drain";
        ask(admin, 401, "POST " + path, path, "");
        ask(admin, 403, "POST " + path, path, "", "Origin", OTHER_SITE);
        ask(admin, 204, "POST " + path, path, "", Admin.WITH_TOKEN);
        await().atMost(Forwarder.LIMIT)
                .until(() -> admin.ask("GET", "/readyz", "").status() == 503);
        get(admin, 503, "/readyz", "");
    }

    @Test
    void otherPathsMethodsAndHostsGetAnErrorAsDescribed() {
        try (var forwarder = Admin.enable(Launch.onFreePorts()).start();
                var admin = Admin.of(forwarder);
                var byOtherName = TcpClient.connect(forwarder.address("admin"))) {
            var operation = "GET " + API + "status"; // its default is that of all
            assertThat(DESCRIBED.faults(operation, admin.ask("GET", API + "nothing", "")))
                    .isEmpty();
            var answer = admin.ask("PUT", API + "status", "", Admin.WITH_TOKEN);
            assertThat(answer.status()).isEqualTo(405);
            assertThat(DESCRIBED.faults(operation, answer)).isEmpty();
            byOtherName.send("GET /healthz HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n");
            assertThat(new String(byOtherName.receiveAll(), StandardCharsets.UTF_8))
                    .startsWith("HTTP/1.1 421 ")
                    .contains("{\"error\":");
        }
    }

    @Test
    void theReasonsAreThoseThatTheForwarderHas() {
        try (var forwarder = Admin.enable(Launch.onFreePorts()).start();
                var admin = Admin.of(forwarder)) {
            var label = Pattern.compile("reason=\"([a-z-]+)\"");
            var reasons = new TreeSet<String>();
            label.matcher(admin.ask("GET", "/metrics", "").body())
                    .results()
                    .forEach(found -> reasons.add(found.group(1)));
            assertThat(DESCRIBED.words("Reason")).isEqualTo(reasons);
        }
    }

    @Test
    void theComparisonFindsWhatDiffers() {
        assertThat(faults("{}"))
                .containsExactly("GET /api/v1/session: lacks \"signedIn\"", "GET /api/v1/session: lacks \"canSignIn\"");
        assertThat(faults("{\"signedIn\": 1, \"canSignIn\": true, \"more\": 2}"))
                .containsExactly(
                        "GET /api/v1/session/signedIn: 1 is no \"boolean\"", "GET /api/v1/session/more: not described");
        assertThat(DESCRIBED.faults("GET /healthz", new Admin.Answer(200, "text/plain", "no")))
                .hasSize(1);
        assertThat(DESCRIBED.faults("GET /healthz", new Admin.Answer(200, "text/html", "ok\n")))
                .hasSize(1);
        var sample = JsonMapper.shared().readTree("{\"time\": \"now\"}");
        assertThat(DESCRIBED.faults("GET /api/v1/events", "sample", sample)).hasSize(7);
    }

    private static Iterable<String> faults(String json) {
        return DESCRIBED.faults("GET " + API + "session", new Admin.Answer(200, "application/json", json));
    }
}
