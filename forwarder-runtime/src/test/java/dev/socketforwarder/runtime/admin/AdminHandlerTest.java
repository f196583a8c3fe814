package dev.socketforwarder.runtime.admin;

import static dev.socketforwarder.runtime.admin.TestAdmin.WITH_TOKEN;
import static dev.socketforwarder.runtime.admin.TestAdmin.head;
import static dev.socketforwarder.runtime.admin.TestAdmin.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AdminHandlerTest {
    private static final String SESSION = "/api/v1/session";
    private static final String KICK = "/api/v1/members/17/kick";
    private static final int BEYOND_ALL_PLACES = 200;

    @ParameterizedTest
    @CsvSource({
        "'',1000",
        "1000,1000",
        "99999999999,1000",
        "0001000,1000",
        "0,0",
        "999,999",
        "0005,0005",
        "-1,-1",
        "many,many"
    })
    void noPageIsLongerThanAThousand(String asked, String bounded) {
        var parameters = new HashMap<>(Map.of("limit", asked));

        AdminHandler.boundPage(parameters);

        assertThat(parameters).containsEntry("limit", bounded);
    }

    @Test
    void aPageWithoutALimitIsBoundedToo() {
        var parameters = new HashMap<String, String>();

        AdminHandler.boundPage(parameters);

        assertThat(parameters).containsEntry("limit", "1000");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%2B2000000", "%D9%A9%D9%A9%D9%A9%D9%A9", "+1000", "-1", "2147483648", "1e9", "0x7f"})
    void aLimitInOtherDigitsDoesNotPassTheBound(String limit) throws IOException {
        try (var admin = TestAdmin.withoutToken()) {
            assertThat(status(admin.ask("GET /api/v1/groups?offset=0&limit=" + limit)))
                    .isIn(200, 400)
                    .isEqualTo(limit.equals("2147483648") ? 200 : 400);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"contains=%ff", "contains=%C3", "%ff=1", "limit=1&limit=2", "limit=1&lim%69t=2"})
    void parametersThatCannotBeReadAreRefused(String query) throws IOException {
        try (var admin = TestAdmin.withoutToken()) {
            assertThat(admin.ask("GET /api/v1/groups?" + query))
                    .startsWith("HTTP/1.1 400 ")
                    .contains("{\"error\":");
        }
    }

    @Test
    void withoutATokenNothingCanBeChanged() throws IOException {
        try (var admin = TestAdmin.withoutToken()) {
            for (var target : new String[] {KICK, "/api/v1/drain", SESSION}) {
                assertThat(admin.post(target, "{\"token\":\"\"}", WITH_TOKEN))
                        .startsWith("HTTP/1.1 403 ")
                        .contains("read-only: set admin.token-file")
                        .doesNotContain("WWW-");
            }
            assertThat(admin.isDraining()).isFalse();
            assertThat(status(admin.ask("GET /api/v1/configuration"))).isEqualTo(200);
        }
    }

    @Test
    void changesAndWhatIsConfidentialNeedTheToken() throws Exception {
        try (var admin = TestAdmin.withToken()) {
            assertThat(admin.post("/api/v1/drain", ""))
                    .startsWith("HTTP/1.1 401 ")
                    .containsIgnoringCase("WWW-Authenticate: Bearer");
            assertThat(status(admin.post("/api/v1/drain", "", WITH_TOKEN + "x")))
                    .isEqualTo(401);
            assertThat(status(admin.ask("GET /api/v1/configuration"))).isEqualTo(401);
            assertThat(status(admin.ask("GET /api/v1/%63onfiguration"))).isEqualTo(401);
            assertThat(status(admin.ask("HEAD /api/v1/tap?group=g"))).isEqualTo(401);
            assertThat(admin.isDraining()).isFalse();

            assertThat(status(admin.post(KICK, "", WITH_TOKEN))).isEqualTo(404);
            assertThat(admin.post("/api/v1/reload", "", WITH_TOKEN))
                    .startsWith("HTTP/1.1 422 ")
                    .contains("no file");
            assertThat(status(admin.ask("GET /api/v1/configuration", WITH_TOKEN)))
                    .isEqualTo(200);
            assertThat(status(admin.post("/api/v1/drain", "", WITH_TOKEN))).isEqualTo(204);
            assertThat(admin.drains()).isTrue();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST,/api/v1/status,'GET, HEAD'",
        "OPTIONS,/api/v1/status,'GET, HEAD'",
        "POST,/api/v1/events,'GET, HEAD'",
        "GET,/api/v1/drain,POST",
        "PUT,/api/v1/members/17/kick,POST",
        "PUT,/api/v1/session,'GET, HEAD, POST, DELETE'",
        "POST,/,'GET, HEAD'",
        "TRACE,/healthz,'GET, HEAD'"
    })
    void anotherMethodIsRefusedBeforeTheTokenIsAskedFor(String method, String path, String allowed) throws IOException {
        try (var admin = TestAdmin.withToken()) {
            assertThat(admin.ask(method + " " + path))
                    .startsWith("HTTP/1.1 405 ")
                    .contains("Allow: " + allowed + "\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/metrics", SESSION, "/api/v1/status", "/api/v1/events", "/api/v1/tap?group=g"})
    void headIsAnsweredAsGetIsWithoutABody(String path) throws IOException {
        try (var admin = TestAdmin.withoutToken();
                var log = new TestLog()) {
            assertThat(admin.ask("HEAD " + path)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n");
            assertThat(log.text()).doesNotContain("WARN");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "token", "[]", "{}", "{\"token\":1}", "{\"token\":", "token=0123456789abcdef"})
    void aSignInWithoutATokenIsNoWrongToken(String body) throws IOException {
        try (var admin = TestAdmin.withToken();
                var log = new TestLog()) {
            assertThat(status(admin.post(SESSION, body))).isEqualTo(400);
            assertThat(log.text()).doesNotContain("wrong token");
        }
    }

    @Test
    void aBodyThatIsTooLongIsRefused() throws IOException {
        try (var admin = TestAdmin.withToken()) {
            assertThat(status(admin.post(SESSION, " ".repeat(5_000)))).isEqualTo(413);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1\r\n", "ffffffff\r\n", "0\r\n\r\n", "zz\r\n"})
    void aBodyInChunksIsRefusedQuietly(String chunks) throws IOException {
        try (var admin = TestAdmin.withToken();
                var log = new TestLog()) {
            for (var target : new String[] {SESSION, "/api/v1/drain"}) {
                var reply = admin.raw(head("POST " + target) + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
                assertThat(reply).startsWith("HTTP/1.1 411 ");
            }
            assertThat(log.text()).doesNotContain("WARN");
        }
    }

    @Test
    void wrongTokensAreLoggedOnceASecond() throws IOException {
        try (var admin = TestAdmin.withToken();
                var log = new TestLog()) {
            for (int i = 0; i < 20; i++) {
                assertThat(status(admin.post(SESSION, "{\"token\":\"guess\"}"))).isEqualTo(401);
                assertThat(status(admin.post(KICK, "", "Authorization: Bearer guess")))
                        .isEqualTo(401);
            }
            assertThat(log.text()).contains("admin refused 127.0.0.1").contains("wrong token");
            assertThat(log.text().lines().filter(line -> line.contains("wrong token")))
                    .hasSizeLessThan(20);
        }
    }

    @Test
    void aSessionEntitlesAlsoBesideAForeignCookieOfItsName() throws IOException {
        try (var admin = TestAdmin.withToken()) {
            var reply = admin.post(SESSION, "{\"token\":\"" + TestAdmin.TOKEN + "\"}");
            assertThat(reply).startsWith("HTTP/1.1 204 ").contains("HttpOnly; SameSite=Strict; Path=/");
            var cookie = reply.replaceFirst("(?s).*Set-cookie: ([^;]+);.*", "$1");

            assertThat(status(admin.post(KICK, "", "Cookie: " + cookie))).isEqualTo(404);
            assertThat(status(admin.post(KICK, "", "Cookie: socketforwarder-session=x; a=b; " + cookie)))
                    .isEqualTo(404);
            assertThat(status(admin.ask("DELETE " + SESSION, "Cookie: socketforwarder-session=x; " + cookie)))
                    .isEqualTo(204);
            assertThat(status(admin.post(KICK, "", "Cookie: " + cookie))).isEqualTo(401);
        }
    }

    /** {@return whether the endpoint answers, which it also refuses while the connections before are not yet forgotten} */
    private static boolean lives(TestAdmin admin) throws InterruptedException {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (System.nanoTime() - endNs < 0) {
            try {
                if (admin.ask("GET /healthz").startsWith("HTTP/1.1 200 ")) {
                    return true;
                }
            } catch (IOException _) {
                // Refused: all places are taken.
            }
            Thread.sleep(10); // between two looks at the condition
        }
        return false;
    }

    @ParameterizedTest
    @ValueSource(strings = {"/healthz", "/metrics", "/api/v1/status", "/api/v1/events", "/nothing"})
    void clientsThatVanishLeaveTheirConnectionsFree(String path) throws Exception {
        try (var admin = TestAdmin.withToken()) {
            for (int i = 0; i < BEYOND_ALL_PLACES; i++) {
                try (var socket = admin.connect()) {
                    socket.setSoLinger(true, 0); // the end is a reset
                    socket.getOutputStream().write((head("GET " + path) + "\r\n").getBytes());
                } catch (IOException _) {
                    // Refused for the moment.
                }
            }
            assertThat(lives(admin)).isTrue();
        }
    }

    @Test
    void theEndpointStopsAtOnceThoughAClientDoesNotRead() throws Exception {
        var admin = TestAdmin.withToken();
        admin.join(1_000);
        try (var client = admin.connect()) {
            for (int i = 0; i < 20; i++) {
                client.getOutputStream().write("GET /api/v1/members HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes());
            }
            assertThat(client.getInputStream().read()).isEqualTo('H');
            long beganNs = System.nanoTime();

            admin.close();

            assertThat(System.nanoTime() - beganNs).isLessThan(ExchangeLimit.LONGEST.toNanos() / 2);
        }
    }

    @Test
    void longHeadersAreRefused() throws IOException {
        try (var admin = TestAdmin.withToken()) {
            assertThat(status(admin.ask("GET /healthz", "X: " + "x".repeat(15_000))))
                    .isEqualTo(200);
            assertThatThrownBy(() -> status(admin.ask("GET /healthz", "X: " + "x".repeat(17_000))));
        }
    }
}
