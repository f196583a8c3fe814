package dev.socketforwarder.runtime.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.runtime.commands.ConfigCommand;
import dev.socketforwarder.runtime.commands.TokenCommand;
import dev.socketforwarder.runtime.policies.Tokens;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.tls.EndpointTls;
import dev.socketforwarder.runtime.tls.TlsSettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretTest {
    private static final String SECRET = "hunter2-hunter2-hunter2";
    private static final String KEY = Keys.TOKEN_SIGNING_SECRET;

    @TempDir
    private Path folder;

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("secret"), content);
    }

    private static Settings tcp(String yaml, Map<String, String> environment, String... set) {
        return Fakes.merged(yaml, environment, set).endpoint("tcp");
    }

    @Test
    void itComesFromAFileOrFromTheEnvironment() throws IOException {
        var file = file(SECRET + "\n");
        assertThat(tcp("", Map.of()).secret(KEY)).isEmpty();
        assertThat(tcp("transports: {tcp: {token-signing-secret-file: " + file + "}}", Map.of())
                        .secret(KEY))
                .contains(SECRET);
        assertThat(tcp("token-signing-secret-file: " + file, Map.of()).secret(KEY))
                .contains(SECRET);
        assertThat(tcp("", Map.of("SOCKETFORWARDER_TCP_TOKEN_SIGNING_SECRET", SECRET))
                        .secret(KEY))
                .contains(SECRET);
        // An endpoint's own is stronger than the one for all.
        assertThat(tcp("token-signing-secret-file: /none", Map.of("SOCKETFORWARDER_TCP_TOKEN_SIGNING_SECRET", SECRET))
                        .secret(KEY))
                .contains(SECRET);
    }

    @Test
    void itStandsNowhereElseAndIsShownNowhere() {
        assertThatThrownBy(
                        () -> tcp("token-signing-secret: " + SECRET, Map.of()).secret(KEY))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("token-signing-secret-file")
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(() -> tcp("", Map.of(), "transports.tcp.token-signing-secret=" + SECRET)
                        .secret(KEY))
                .isInstanceOf(SettingException.class)
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(() -> tcp(
                                "transports: {tcp: {token-signing-secret-file: /none}}",
                                Map.of("SOCKETFORWARDER_TCP_TOKEN_SIGNING_SECRET", SECRET))
                        .secret(KEY))
                .hasMessageContaining("remove one of them")
                .hasMessageNotContaining(SECRET);

        var configuration = Fakes.merged("", Map.of("SOCKETFORWARDER_TOKEN_SIGNING_SECRET", SECRET));
        configuration.endpoint("tcp").secret(KEY);
        assertThat(printed(configuration)).contains(KEY, Secrets.MASK).doesNotContain("hunter2");
    }

    private static String printed(Configuration configuration) {
        var out = new ByteArrayOutputStream();
        ConfigCommand.print(configuration, new PrintStream(out, true, StandardCharsets.UTF_8));
        return out.toString(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"transports: {tcp: {query-token: true}}", "transports: {tcp: {}}"})
    void aFlagIsNoSecretWhateverItsName(String yaml) {
        var configuration = Fakes.yaml(yaml);
        boolean isTrue = configuration.endpoint("tcp").flag("query-token", false);
        assertThat(printed(configuration))
                .containsPattern("query-token: " + isTrue + "\\b")
                .doesNotContain(Secrets.MASK);

        var wrong =
                Fakes.yaml("transports: {tcp: {query-token: " + SECRET + "}}").endpoint("tcp");
        assertThatThrownBy(() -> wrong.flag("query-token", false))
                .hasMessageEndingWith("query-token is ********, but must be true or false");
    }

    @Test
    void aSecretThatLooksLikeAFlagIsHidden() {
        var configuration = Fakes.merged("", Map.of("SOCKETFORWARDER_TOKEN_SIGNING_SECRET", "true"));
        assertThat(configuration.endpoint("tcp").secret(KEY)).contains("true");
        assertThat(printed(configuration)).contains(KEY + ": \"" + Secrets.MASK);
    }

    @Test
    void aFlagIsSuggestedWhateverItsName() {
        var configuration = Fakes.yaml("transports: {tcp: {query-tokn: true}}");
        configuration.endpointNames();
        configuration.endpoint("tcp").flag("query-token", false);
        assertThatThrownBy(configuration::unread).hasMessageContaining("did you mean transports.tcp.query-token?");
    }

    @ParameterizedTest
    @CsvSource({
        "nats://user:hunter2@host:4222, nats://********@host:4222",
        "nats://hunter2@host, nats://********@host",
        "user:hunter2@host:4222, ********@host:4222",
        "nats://user:hunter@2@host:4222, nats://********@host:4222",
        "nats://host:4222, nats://host:4222",
        "g:CN=a@example.com, g:CN=a@example.com"
    })
    void theLoginOfAServerIsNotShown(String server, String shown) {
        var settings = tcp("transports: {tcp: {servers: '" + server + "'}}", Map.of());

        assertThat(settings.invalid("servers", server, "another"))
                .hasMessage("conf.yaml:1: transports.tcp.servers is \"" + shown + "\", but must be another");
    }

    @ParameterizedTest
    @CsvSource({"/none/such, that can be read", "/, that can be read", "/dev/zero, a device"})
    void aFileThatHoldsNoneIsAnError(String file, String message) {
        var settings = tcp("token-signing-secret-file: " + file, Map.of());
        assertThatThrownBy(() -> settings.secret(KEY))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining(message);
    }

    private String token(TokenCommand.Request request, String yaml) throws IOException {
        var out = new ByteArrayOutputStream();
        var config = Files.writeString(folder.resolve("conf.yaml"), yaml);
        int code = TokenCommand.run(
                new Inputs(List.of(config), Map.of(), List.of()),
                Fakes.plugins(new FakeTransport("tcp")),
                request,
                InstantSource.fixed(Instant.ofEpochSecond(1_000)),
                new PrintStream(out, true, StandardCharsets.UTF_8));
        assertThat(code).isZero();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theCommandPrintsATokenAndNothingElse() throws IOException {
        var yaml = "transports: {tcp: {handshake: [token], token-signing-secret-file: "
                + file(SECRET + "\nolder-secret-of-ours\n") + "}}";
        var secret = SECRET.getBytes(StandardCharsets.UTF_8);
        assertThat(token(new TokenCommand.Request("g", "", "1h"), yaml))
                .isEqualToIgnoringNewLines(Tokens.make(secret, Tokens.Scope.GROUP, "g", Instant.ofEpochSecond(4_600)));
        assertThat(token(new TokenCommand.Request("", "tcp", "90s"), yaml))
                .isEqualToIgnoringNewLines(
                        Tokens.make(secret, Tokens.Scope.ENDPOINT, "tcp", Instant.ofEpochSecond(1_090)));
    }

    @Test
    void theCommandSignsForNoEndpointThatIsNotThereOrAsksForNone() throws IOException {
        var yaml = "token-signing-secret-file: " + file(SECRET + "\n")
                + "\ntransports: {tcp: {handshake: [token]}, plain: {type: tcp}}";
        assertThatThrownBy(() -> token(new TokenCommand.Request("", "tpc", "1h"), yaml))
                .isInstanceOf(UsageException.class)
                .hasMessage("--endpoint \"tpc\" is not an endpoint of this configuration, which has tcp, plain");
        assertThatThrownBy(() -> token(new TokenCommand.Request("", "plain", "1h"), yaml))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--endpoint \"plain\" does not ask for tokens");
        assertThat(token(new TokenCommand.Request("", "tcp", "1h"), yaml)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "token-secret-file: S",
                "transports: {tcp: {tls: {certificate: S, key: k}}}",
                "transports: {tcp: {tls: {certificate: c, key: S}}}",
                "transports: {tcp: {tls: {certificate: c, key: k, client-ca: S}}}",
                "transports: {tcp: {tls: S}}",
                "transports: {tcp: {connect: S}}",
                "transports: {tcp: {connect: [{password: S}]}}",
                "token-secret-fil: S",
                "token-secret-file: *S",
            })
    void aSecretWhereItDoesNotBelongIsShownNowhere(String line) {
        var yaml = line.replace("S", SECRET);
        var told = new ArrayList<String>();
        try {
            var configuration = Fakes.yaml(yaml);
            told.addAll(readAndPrint(configuration));
            told.addAll(configuration.warnings());
            configuration.unread();
        } catch (SettingException e) {
            told.add(e.getMessage());
        }
        assertThat(told).isNotEmpty();
        assertThat(told).noneMatch(each -> each.contains("hunter2"));
    }

    /** What is printed, and what is said when each part is read. */
    private static List<String> readAndPrint(Configuration configuration) {
        var told = new ArrayList<String>();
        var tcp = configuration.endpoint("tcp");
        for (Runnable reader : List.<Runnable>of(
                () -> tcp.secret(Keys.TOKEN_SECRET),
                () -> tcp.sections("connect").forEach(server -> server.text("to", "")),
                () -> new EndpointTls(
                                "tcp", TlsSettings.read(tcp.section(Keys.TLS)).orElseThrow(), tcp.section(Keys.TLS))
                        .load())) {
            try {
                reader.run();
            } catch (SettingException | NoSuchElementException e) {
                told.add(String.valueOf(e.getMessage()));
            }
        }
        told.add(printed(configuration));
        return told;
    }

    @ParameterizedTest
    @CsvSource({
        "'', '', 1h, --group",
        "g, '', 0s, --ttl",
        "g, '', soon, --ttl",
        "g, '', 99999999h, --ttl",
        "g, '', 1h, there is no secret",
    })
    void theCommandSaysWhatIsWrong(String group, String endpoint, String ttl, String message) {
        assertThatThrownBy(() -> token(new TokenCommand.Request(group, endpoint, ttl), "debug: true"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
