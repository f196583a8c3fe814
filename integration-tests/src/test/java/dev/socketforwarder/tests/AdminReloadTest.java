package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Moves the admin endpoint, and changes its token, by a request to itself. */
@Timeout(120)
class AdminReloadTest {
    private static final String RELOAD = "/api/v1/reload";
    private static final String OTHER = "another token of the tests";

    @TempDir
    private Path folder;

    private Path file;
    private Path token;
    private Forwarder forwarder;

    @BeforeEach
    void start() throws IOException {
        file = folder.resolve("forwarder.yaml");
        token = Files.writeString(folder.resolve("token"), Admin.TOKEN + "\n");
        configure(0, "");
        forwarder = Launch.with("--config", file.toString()).start();
        forwarder.awaitLine("ready");
    }

    @AfterEach
    void close() {
        forwarder.close();
    }

    private void configure(int port, String more) throws IOException {
        Files.writeString(
                file,
                "host-address: 127.0.0.1\nadmin: { port: " + port + ", token-file: '" + token
                        + "' }\ntransports:\n  tcp: { port: 0 }\n" + more);
    }

    @Test
    void theRequestThatMovesItIsAnswered() throws IOException {
        try (var admin = Admin.of(forwarder)) {
            int port = FreePorts.tcp("127.0.0.1");
            configure(port, "");
            var told = admin.ask("POST", RELOAD, "", Admin.WITH_TOKEN);
            assertThat(told.status()).isEqualTo(200);
            assertThat(told.body()).contains("changed: admin.port: 0 -> " + port);
            var moved = Pattern.compile("admin listening on 127.0.0.1:" + port + " ");
            forwarder.err().await(1, line -> moved.matcher(line).find(), "the other address", Forwarder.LIMIT);
            try (var again = Admin.at(port)) {
                assertThat(again.ask("GET", "/readyz", "").status()).isEqualTo(200);
            }
            try (var gone = Admin.of(forwarder)) {
                assertThatThrownBy(() -> gone.ask("GET", "/readyz", "")).isInstanceOf(UncheckedIOException.class);
            }
        }
    }

    @Test
    void anAddressInUseIsNamedAndNothingMoves() throws IOException {
        try (var admin = Admin.of(forwarder)) {
            configure(forwarder.tcp().getPort(), "  more: { type: tcp, port: 0 }\n");
            var told = admin.ask("POST", RELOAD, "", Admin.WITH_TOKEN);
            assertThat(told.status()).isEqualTo(422);
            assertThat(told.body())
                    .contains("admin cannot listen on "
                            + forwarder.tcp().getAddress().getHostAddress());
            assertThat(admin.ask("GET", "/readyz", "").body()).contains("the last reload changed nothing");
            assertThat(forwarder.err().matching(line -> line.contains("more listening")))
                    .isEmpty();
        }
    }

    @Test
    void aNewTokenHoldsFromTheNextRequestOn() throws IOException {
        try (var admin = Admin.of(forwarder)) {
            Files.writeString(token, OTHER + "\n");
            assertThat(admin.ask("POST", RELOAD, "", Admin.WITH_TOKEN).body()).contains("another content of");
            assertThat(admin.ask("POST", RELOAD, "", Admin.WITH_TOKEN).status()).isEqualTo(401);
            assertThat(admin.ask("POST", RELOAD, "", "Authorization", "Bearer " + OTHER)
                            .status())
                    .isEqualTo(200);
        }
    }
}
