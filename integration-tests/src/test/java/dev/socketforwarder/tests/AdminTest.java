package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the admin endpoint: who may do what, that a browser is safe with it, and that its clients cost forwarding nothing. */
@Timeout(120)
class AdminTest {
    private static final String TOKEN = "0123456789abcdef-token";

    @TempDir
    private Path folder;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private Forwarder forwarder;

    @BeforeEach
    void start() throws IOException {
        var token = Files.writeString(folder.resolve("token"), TOKEN + "\n");
        forwarder = Launch.onFreePorts()
                .env("SOCKETFORWARDER_ADMIN_PORT", "0")
                .env("SOCKETFORWARDER_ADMIN_TOKEN_FILE", token.toString())
                .env("SOCKETFORWARDER_ADMIN_TAP", "tele*")
                .env("SOCKETFORWARDER_ADMIN_HOSTS", "forwarder.example")
                .env("SOCKETFORWARDER_ADMIN_METRICS_GROUPS", "telemetry")
                .start();
    }

    @AfterEach
    void stop() {
        forwarder.close();
        client.close();
    }

    private InetSocketAddress admin() {
        return forwarder.address("admin");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + admin().getPort() + "/" + path))
                .timeout(Forwarder.LIMIT);
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(request(path));
    }

    private HttpRequest.Builder post(String path) {
        return request(path).POST(BodyPublishers.noBody());
    }

    /** {@return the number of the member at this address} */
    private String idOf(TcpClient member) throws IOException, InterruptedException {
        var entry = Pattern.compile("\"id\":([0-9]+),[^{}]*\"address\":\"" + Pattern.quote(member.shown()) + "\"");
        var matcher = entry.matcher(get("api/v1/members").body());
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    @Test
    void healthReadinessStatusAndLists() throws Exception {
        assertThat(get("healthz").body()).isEqualTo("ok\n");
        assertThat(get("readyz").body()).isEqualTo("ready\n");
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry")) {
            one.send("hello");
            other.expect("hello");
            assertThat(get("api/v1/status").body()).contains("\"state\":\"running\"", "\"members\":2");
            assertThat(get("api/v1/groups").body()).contains("\"name\":\"telemetry\"", "\"members\":2");
            assertThat(get("api/v1/members?group=telemetry").body()).contains(one.shown(), other.shown());
            assertThat(get("api/v1/members?limit=1").body())
                    .contains("\"total\":2", one.shown())
                    .doesNotContain(other.shown());
            assertThat(get("api/v1/members?limit=-1").statusCode()).isEqualTo(400);
            assertThat(get("api/v1/members?limit=99999999999999").body()).contains("\"total\":2", other.shown());
            assertThat(get("api/v1/groups?sort=size").body()).contains("sort must be");
            assertThat(get("api/v1/nothing").statusCode()).isEqualTo(404);
            assertThat(get("../../etc/passwd").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void metricsAreInBothForms() throws Exception {
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry");
                var unlisted = forwarder.join("unlisted")) {
            one.send("hello");
            other.expect("hello");
            var text = get("metrics");
            assertThat(text.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/plain; version=0.0.4");
            assertThat(text.body())
                    .contains("socketforwarder_bytes_total{direction=\"in\",endpoint=\"tcp\"} 5.0")
                    .contains("socketforwarder_members{endpoint=\"tcp\"} 3.0")
                    .contains("socketforwarder_group_members{group=\"telemetry\"} 2.0")
                    .contains("socketforwarder_forwarding_seconds_bucket{le=\"+Inf\"}")
                    .contains("socketforwarder_events_total{endpoint=\"tcp\",reason=\"stalled\"} 0.0")
                    .contains("jvm_memory_pool_used_bytes")
                    .doesNotContain("unlisted");
            var openMetrics = send(request("metrics").header("Accept", "application/openmetrics-text; version=1.0.0"));
            assertThat(openMetrics.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/openmetrics-text");
            assertThat(openMetrics.body()).endsWith("# EOF\n");
            unlisted.leave();
        }
    }

    @Test
    void changesNeedTheTokenOrASession() throws Exception {
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry")) {
            var kick = "api/v1/members/" + idOf(one) + "/kick";
            assertThat(send(post(kick)).statusCode()).isEqualTo(401);
            assertThat(send(post(kick).header("Authorization", "Bearer wrong")).statusCode())
                    .isEqualTo(401);
            assertThat(get("api/v1/configuration").statusCode()).isEqualTo(401);
            assertThat(send(request("api/v1/session").POST(BodyPublishers.ofString("{\"token\":\"wrong\"}")))
                            .statusCode())
                    .isEqualTo(401);

            var signedIn =
                    send(request("api/v1/session").POST(BodyPublishers.ofString("{\"token\":\"" + TOKEN + "\"}")));
            assertThat(signedIn.statusCode()).isEqualTo(204);
            var cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
            assertThat(cookie).contains("HttpOnly", "SameSite=Strict");
            var session = cookie.substring(0, cookie.indexOf(';'));
            assertThat(send(request("api/v1/session").header("Cookie", session)).body())
                    .contains("\"signedIn\":true");
            assertThat(send(post(kick).header("Cookie", session)).statusCode()).isEqualTo(204);
            one.expectEnd();
            forwarder.awaitLeft(one, "kicked");

            var configuration = send(request("api/v1/configuration").header("Authorization", "Bearer " + TOKEN));
            assertThat(configuration.body()).contains("admin.token").doesNotContain(TOKEN);
            send(request("api/v1/session").DELETE().header("Cookie", session));
            assertThat(send(post("api/v1/members/" + idOf(other) + "/kick").header("Cookie", session))
                            .statusCode())
                    .isEqualTo(401);
        }
    }

    @Test
    void aPageOfAnotherSiteCanDoNothing() throws Exception {
        var drain = post("api/v1/drain").header("Authorization", "Bearer " + TOKEN);
        assertThat(send(drain.copy().header("Origin", "http://evil.example")).statusCode())
                .isEqualTo(403);
        assertThat(send(drain.copy().header("Sec-Fetch-Site", "cross-site")).statusCode())
                .isEqualTo(403);
        assertThat(get("readyz").statusCode()).isEqualTo(200);
    }

    /** {@return the status line of a request with this host} */
    private String withHost(String host) {
        try (var raw = TcpClient.connect(admin())) {
            raw.send("GET /healthz HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
            return new String(raw.receiveAll(), StandardCharsets.UTF_8)
                    .lines()
                    .findFirst()
                    .orElse("");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:99", "[::1]:80", "forwarder.example"})
    void aHostThatIsKnownIsAnswered(String host) {
        assertThat(withHost(host)).contains(" 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "1", "a@127.0.0.1"})
    void anotherHostIsNot(String host) {
        assertThat(withHost(host)).contains(" 421");
    }

    @Test
    void repliesForbidEverythingThatTheyDoNotNeed() throws Exception {
        for (var path : List.of("healthz", "metrics", "api/v1/status", "nothing")) {
            var headers = get(path).headers();
            assertThat(headers.firstValue("Content-Security-Policy").orElseThrow())
                    .contains("default-src 'none'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(headers.firstValue("X-Content-Type-Options")).contains("nosniff");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "metrics", "healthz"})
    void whatIsNoApiCanOnlyBeRead(String path) throws Exception {
        assertThat(send(post(path)).statusCode()).isEqualTo(405);
        assertThat(send(request(path).method("TRACE", BodyPublishers.noBody())).statusCode())
                .isEqualTo(405);
        assertThat(get(path).statusCode()).isEqualTo(200);
    }

    @Test
    void peersTextIsOnlyText() throws Exception {
        var name = "<script>alert(1)</script> ../ \u202e\"'";
        try (var odd = TcpClient.connect(forwarder.tcp()).join(name)) {
            forwarder.awaitLine(odd.shown() + " joined \"<script>");
            var body = get("api/v1/groups").body();
            assertThat(get("api/v1/groups").headers().firstValue("Content-Type"))
                    .contains("application/json");
            assertThat(body).contains("<script>alert(1)</script> ../ \u202e\\\"'");
        }
    }

    @Test
    void aTapShowsMessagesOfTheGroupsThatMayBeTapped() throws Exception {
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("secret")) {
            assertThat(get("api/v1/tap?group=telemetry").statusCode()).isEqualTo(401);
            var refused = send(request("api/v1/tap?group=secret").header("Authorization", "Bearer " + TOKEN));
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("admin.tap");
            var tapped = client.send(
                    request("api/v1/tap?group=telemetry")
                            .header("Authorization", "Bearer " + TOKEN)
                            .build(),
                    BodyHandlers.ofLines());
            try (Stream<String> lines = tapped.body()) {
                forwarder.awaitLine("group \"telemetry\" is tapped by ");
                one.send("hello \u001b[2J");
                assertThat(lines.filter(line -> line.contains("hello"))
                                .findFirst()
                                .orElseThrow())
                        .contains("hello \\\\x1b[2J");
            }
            other.send("nobody");
        }
    }

    @Test
    void drainStopsInOrder() throws Exception {
        assertThat(send(post("api/v1/drain").header("Authorization", "Bearer " + TOKEN))
                        .statusCode())
                .isEqualTo(204);
        assertThat(forwarder.awaitExit()).isZero();
    }

    @Test
    void slowAndManyClientsCostForwardingNothing() throws Exception {
        var slow = new ArrayList<TcpClient>();
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry")) {
            for (int i = 0; i < 300; i++) {
                var each = TcpClient.connectSmall(admin());
                slow.add(each);
                each.send(i % 2 == 0 ? "GET /api/v1/ev" : "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            }
            for (int i = 0; i < 100; i++) {
                one.send("message " + i);
                other.expect("message " + i);
            }
            // While they still wait: the endpoint gives up those that neither ask nor read.
            await().atMost(Duration.ofSeconds(60))
                    .ignoreExceptions()
                    .until(() -> get("healthz").statusCode() == 200);
        } finally {
            slow.forEach(TcpClient::close);
        }
        assertThat(forwarder.err().matching(line -> line.contains("ERROR"))).isEmpty();
    }

    @Test
    void longHeadsOfManyClientsDoNotFillASmallHeap() throws Exception {
        var clients = new ArrayList<TcpClient>();
        try (var small = Launch.onFreePorts()
                .env("SOCKETFORWARDER_ADMIN_PORT", "0")
                .env("JDK_JAVA_OPTIONS", "-Xmx64m")
                .start()) {
            for (int i = 0; i < 128; i++) {
                var each = TcpClient.connect(small.address("admin"));
                clients.add(each);
                try {
                    each.send("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(350_000));
                } catch (UncheckedIOException _) {
                    // The endpoint has read enough.
                }
            }
            try (var one = small.join("telemetry");
                    var other = small.join("telemetry")) {
                one.send("hello");
                other.expect("hello");
            }
        } finally {
            clients.forEach(TcpClient::close);
        }
    }

    @Test
    void clientsThatVanishDoNotUseUpTheConnections() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (var each = TcpClient.connect(admin())) {
                each.send("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").reset();
            } catch (UncheckedIOException _) {
                // Refused for the moment.
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> get("healthz").statusCode() == 200);
    }

    @Test
    void anAddressThatEverybodyReachesNeedsAToken() {
        var result = Launch.with("check", "1", "1")
                .env("SOCKETFORWARDER_ADMIN_PORT", "0")
                .env("SOCKETFORWARDER_ADMIN_HOST", "0.0.0.0")
                .run();
        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.errText()).contains("admin.host is \"0.0.0.0\"").contains("admin.token-file");
    }

    @Test
    void withoutATokenNothingCanBeChanged() throws Exception {
        try (var readOnly =
                Launch.onFreePorts().env("SOCKETFORWARDER_ADMIN_PORT", "0").start()) {
            var root = "http://127.0.0.1:" + readOnly.address("admin").getPort() + "/api/v1/";
            assertThat(send(HttpRequest.newBuilder(URI.create(root + "session")))
                            .body())
                    .isEqualTo("{\"signedIn\":false,\"canSignIn\":false}");
            var refused =
                    send(HttpRequest.newBuilder(URI.create(root + "drain")).POST(BodyPublishers.noBody()));
            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("read-only: set admin.token-file");
            assertThat(send(HttpRequest.newBuilder(URI.create(root + "configuration")))
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
