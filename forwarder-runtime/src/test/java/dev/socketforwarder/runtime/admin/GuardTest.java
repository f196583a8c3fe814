package dev.socketforwarder.runtime.admin;

import static dev.socketforwarder.runtime.admin.TestAdmin.WITH_TOKEN;
import static dev.socketforwarder.runtime.admin.TestAdmin.status;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GuardTest {
    private TestAdmin admin;

    @BeforeEach
    void start() throws IOException {
        admin = TestAdmin.withToken(", hosts: [Forwarder.example]");
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    private String withHosts(String... hosts) throws IOException {
        var request = new StringBuilder("GET /healthz HTTP/1.1\r\nConnection: close\r\n");
        for (var host : hosts) {
            request.append("Host: ").append(host).append("\r\n");
        }
        return admin.raw(request.append("\r\n").toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.0.0.1:1",
                "localhost",
                "LOCALHOST:99",
                "[::1]:80",
                "[2001:DB8::1]",
                "forwarder.example",
                "FORWARDER.example:8080"
            })
    void aHostThatNoStrangerCanNameIsAnswered(String host) throws IOException {
        assertThat(status(withHosts(host))).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "127.0.0.1.evil.example",
                "localhost.evil.example",
                "evil.example#localhost",
                "localhost:80:80",
                "localhost:",
                "localhost.",
                "",
                "1",
                "2130706433",
                "0x7f.1",
                "127.1",
                "a@127.0.0.1",
                "[::1",
                "[evil.example]",
                "::1",
                "sub.forwarder.example",
                "127.0.0.1, evil.example"
            })
    void anyOtherHostIsRefused(String host) throws IOException {
        assertThat(withHosts(host)).startsWith("HTTP/1.1 421").contains("admin.hosts");
    }

    @Test
    void noHostAndTwoHostsAreRefused() throws IOException {
        assertThat(status(withHosts())).isEqualTo(421);
        assertThat(status(withHosts("localhost", "evil.example"))).isEqualTo(421);
        assertThat(status(withHosts("localhost", "localhost"))).isEqualTo(421);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Origin: http://evil.example",
                "Origin: null",
                "Origin: https://localhost",
                "Origin: http://localhost:81",
                "Origin: http://localhost.evil.example",
                "Sec-Fetch-Site: cross-site",
                "Sec-Fetch-Site: same-site",
                "Sec-Fetch-Site: odd"
            })
    void aPageOfAnotherSiteChangesNothing(String header) throws IOException {
        for (var target : new String[] {"/api/v1/drain", "/api/v1/session"}) {
            assertThat(admin.post(target, "{\"token\":\"" + TestAdmin.TOKEN + "\"}", header, WITH_TOKEN))
                    .startsWith("HTTP/1.1 403 ")
                    .doesNotContain("ookie");
        }
        assertThat(status(admin.ask("DELETE /api/v1/session", header))).isEqualTo(403);
        assertThat(admin.isDraining()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Origin: http://localhost", "Sec-Fetch-Site: same-origin", "Sec-Fetch-Site: none", "X: y"})
    void thePageItselfAndScriptsMay(String header) throws IOException {
        assertThat(status(admin.post("/api/v1/drain", "", header, WITH_TOKEN))).isEqualTo(204);
    }

    @Test
    void thePageMayAlsoBehindAProxyThatSpeaksTls() throws IOException {
        var reply =
                admin.post("/api/v1/drain", "", "Origin: https://localhost", "Sec-Fetch-Site: same-origin", WITH_TOKEN);

        assertThat(status(reply)).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer",
                "Authorization: Bearer ",
                "Authorization: Basic 0123456789abcdef",
                "Authorization: 0123456789abcdef",
                "Cookie: socketforwarder-session=",
                "Cookie: socketforwarder-session=0123456789abcdef",
                "Cookie: socketforwarder-session"
            })
    void whatIsNeitherTheTokenNorASessionEntitlesToNothing(String header) throws IOException {
        assertThat(status(admin.post("/api/v1/drain", "", header))).isEqualTo(401);
        assertThat(admin.isDraining()).isFalse();
    }

    @Test
    void aSessionThatTheBrowserChoseIsNone() throws IOException {
        var chosen = "Cookie: socketforwarder-session=" + "a".repeat(64);
        var reply = admin.post("/api/v1/session", "{\"token\":\"" + TestAdmin.TOKEN + "\"}", chosen);

        assertThat(reply).startsWith("HTTP/1.1 204 ").doesNotContain("a".repeat(64));
        assertThat(status(admin.post("/api/v1/drain", "", chosen))).isEqualTo(401);
    }
}
