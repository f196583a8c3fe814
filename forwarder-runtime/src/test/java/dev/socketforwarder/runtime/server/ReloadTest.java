package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.admin.AdminEndpoint;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.config.Reloads;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import dev.socketforwarder.runtime.service.ServiceManager;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.UnixTransport;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Changes the configuration under endpoints that run: {@code unix} with connections, and {@code a} and {@code b} without. */
@Timeout(60)
class ReloadTest {
    private final FakeTransport a = new FakeTransport("a");
    private final FakeTransport b = new FakeTransport("b");
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path folder;
    private Server server;
    private Reload reload;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("sf"); // short, since a socket's path has a limit
    }

    @AfterEach
    void close() throws Exception {
        for (var each : opened.reversed()) {
            each.close();
        }
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
        try (var left = Files.list(folder)) {
            for (var each : left.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(folder);
    }

    private Path configure(String yaml) throws IOException {
        return Files.writeString(folder.resolve("conf.yaml"), yaml.replace("PATH", "" + folder.resolve("s")));
    }

    private void start(String yaml) throws Exception {
        var inputs = new Inputs(List.of(configure(yaml)), Map.of(), List.of());
        var plugins = Plugins.of(List.of(a, b, new UnixTransport()), List.of(new PrefixHandshake(), new TokenPolicy()));
        var setup = Setup.of(inputs, plugins);
        opened.add(setup);
        Logging.start(LogFormat.TEXT, log, false);
        server = new Server(setup.endpoints().hosted(), System::nanoTime);
        server.start();
        reload = new Reload(inputs, new Current(setup), server, new AdminEndpoint(), ServiceManager.of(Map.of(), 0));
    }

    private Reloaded reload(String yaml) throws IOException {
        configure(yaml);
        return reload.reload();
    }

    private static final String UNIX = "transports:\n  unix: {path: PATH%s}\n";

    private static String unix(String more) {
        return UNIX.formatted(more);
    }

    private HostedEndpoint endpoint(String name) {
        return server.running().stream()
                .filter(hosted -> hosted.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private long counted(Counter counter) {
        return endpoint("unix").context().counters().get(counter);
    }

    private long counted(Reason reason) {
        return endpoint("unix").context().counters().get(reason);
    }

    private SocketChannel connect(String firstMessage) throws IOException {
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")));
        opened.add(channel);
        send(channel, firstMessage);
        return channel;
    }

    private SocketChannel member(String firstMessage) throws IOException {
        long members = counted(Counter.MEMBERS);
        var channel = connect(firstMessage);
        TestServer.await("a member", () -> counted(Counter.MEMBERS) == members + 1);
        return channel;
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        channel.write(StandardCharsets.UTF_8.encode(text));
    }

    private static void assertHears(SocketChannel receiver, String text) throws IOException {
        var buffer = ByteBuffer.allocate(text.length());
        while (buffer.hasRemaining() && receiver.read(buffer) >= 0) {
            // Until all is there.
        }
        assertThat(new String(buffer.array(), StandardCharsets.UTF_8)).isEqualTo(text);
    }

    @Test
    void whatPeersMustSayChangesForThoseWhoComeAndNotForMembers() throws Exception {
        start(unix(""));
        var old = List.of(member("SOCKETFORWARDER-NEW:g\n"), member("SOCKETFORWARDER-NEW:g\n"));

        var told = reload(unix(", new-client-prefix: \"JOIN:\""));

        assertThat(told.lines())
                .containsExactly(
                        "changed: transports.unix.new-client-prefix: SOCKETFORWARDER-NEW: -> JOIN:", "reloaded");
        connect("SOCKETFORWARDER-NEW:g\n");
        TestServer.await("a refusal", () -> counted(Reason.WRONG_PREFIX) == 1);
        var fresh = member("JOIN:g\n");
        send(fresh, "to the old");
        assertHears(old.getFirst(), "to the old");
        assertHears(old.getLast(), "to the old");
        assertThat(counted(Counter.JOINED)).isEqualTo(3);
    }

    @Test
    void theRulesOfAGroupChangeUnderItsMembers() throws Exception {
        start(unix(""));
        var one = member("SOCKETFORWARDER-NEW:g\n");
        var two = member("SOCKETFORWARDER-NEW:g\n");

        assertThat(reload(unix(", max-group-members: 2")).isDone()).isTrue();
        connect("SOCKETFORWARDER-NEW:g\n");
        TestServer.await("a refusal", () -> counted(Reason.TOO_MANY_MEMBERS) == 1);
        assertThat(reload(unix(", max-group-members: 3")).isDone()).isTrue();
        member("SOCKETFORWARDER-NEW:g\n");
        send(one, "x");
        assertHears(two, "x");
    }

    @Test
    void aConfigurationThatCannotBeUsedChangesNothing() throws Exception {
        start(unix(""));
        var old = member("SOCKETFORWARDER-NEW:g\n");

        var told = reload(unix(", new-client-prefix: \"JOIN:\", half-close: perhaps"));

        assertThat(told.isDone()).isFalse();
        assertThat(told.lines().getFirst()).contains("conf.yaml:2").contains("half-close is \"perhaps\"");
        assertThat(reload.reloads().failure()).contains(told.lines().getFirst());
        assertThat(log.toString(StandardCharsets.UTF_8)).contains("the configuration stays as it was: ");
        var fresh = member("SOCKETFORWARDER-NEW:g\n");
        send(fresh, "x");
        assertHears(old, "x");

        assertThat(reload(unix("")).lines()).containsExactly("reloaded: nothing has changed");
        assertThat(reload.reloads()).isEqualTo(new Reloads(1, 1, Optional.empty()));
    }

    @Test
    void endpointsComeAndGo() throws Exception {
        start("transports:\n  a: {port: 1}\n");

        assertThat(reload("transports:\n  b: {port: 2}\n").isDone()).isTrue();

        assertThat(b.events).containsExactly("start b");
        TestServer.await("the end of a", () -> a.events.contains("stop a"));
        assertThat(server.running()).extracting(HostedEndpoint::name).containsExactly("b");
    }

    @Test
    void aNewEndpointThatCannotStartLeavesAllAsItWas() throws Exception {
        start("transports:\n  a: {port: 1}\n");
        b.onStart = () -> {
            throw new BindException("0.0.0.0:2 is in use; choose another port");
        };

        var told = reload("transports:\n  a: {port: 3}\n  b: {port: 2}\n");

        assertThat(told).isEqualTo(Reloaded.failed("b cannot start: 0.0.0.0:2 is in use; choose another port"));
        assertThat(a.events).containsExactly("start a");
        assertThat(server.running()).extracting(HostedEndpoint::name).containsExactly("a");
    }

    @Test
    void oneThatWantsTheAddressOfARemovedOneSaysHow() throws Exception {
        start("transports:\n  a: {port: 1}\n");
        b.onStart = () -> {
            throw new BindException("0.0.0.0:1 is in use; choose another port");
        };

        var told = reload("transports:\n  b: {port: 1}\n");

        assertThat(told)
                .isEqualTo(Reloaded.failed("b cannot start: 0.0.0.0:1 is in use; choose another port;"
                        + " an address of a is free once a reload before this one has removed it"));
        assertThat(a.events).containsExactly("start a");
    }

    @Test
    void oneWhoseTransportCannotChangeItsSettingsIsStartedAgain() throws Exception {
        start("transports:\n  a: {port: 1}\n  b: {port: 2}\n");
        var counters = endpoint("a").context().counters();

        var told = reload("transports:\n  a: {port: 3}\n  b: {port: 2}\n");

        assertThat(told.lines())
                .containsExactly(
                        "changed: transports.a.port: 1 -> 3", "a was started again with its new settings", "reloaded");
        assertThat(a.events).containsExactly("start a", "quiesce a", "stop a", "start a");
        assertThat(b.events).containsExactly("start b");
        assertThat(endpoint("a").context().counters()).isSameAs(counters);
    }

    @Test
    void oneThatDoesNotStartAgainGoesBack() throws Exception {
        start("transports:\n  a: {port: 1}\n");
        a.onStart = () -> {
            a.onStart = () -> {};
            throw new BindException("0.0.0.0:3 is in use; choose another port");
        };

        var told = reload("transports:\n  a: {port: 3}\n");

        assertThat(told)
                .isEqualTo(Reloaded.failed("a cannot start: 0.0.0.0:3 is in use; choose another port;"
                        + " a runs with its old settings again"));
        assertThat(endpoint("a").endpoint().localAddresses()).first().asString().endsWith(":1");
    }

    @Test
    void whereOneEndpointCannotChangeAllGoBack() throws Exception {
        start("transports:\n  unix: {path: PATH}\n  a: {port: 1}\n");
        var old = member("SOCKETFORWARDER-NEW:g\n");
        a.onStart = () -> {
            a.onStart = () -> {};
            throw new BindException("0.0.0.0:3 is in use; choose another port");
        };

        var told = reload(
                "transports:\n  unix: {path: PATH, new-client-prefix: \"JOIN:\"}\n  a: {port: 3}\n  b: {port: 2}\n");

        assertThat(told)
                .isEqualTo(Reloaded.failed("a cannot start: 0.0.0.0:3 is in use; choose another port;"
                        + " a runs with its old settings again"));
        assertThat(b.events).containsExactly("start b", "quiesce b", "stop b");
        assertThat(server.running()).extracting(HostedEndpoint::name).containsExactly("unix", "a");
        var fresh = member("SOCKETFORWARDER-NEW:g\n");
        send(fresh, "x");
        assertHears(old, "x");
    }

    @Test
    void whatNeedsARestartMustBeRightToo() throws Exception {
        start("event-loops: 1\ntransports:\n  a: {port: 1}\n");

        for (var wrong : List.of("event-loops: many\n", "log-format: xml\n", "framing: none\n", "plugins: {x: 1}\n")) {
            assertThat(reload(wrong + "transports:\n  a: {port: 1}\n").isDone())
                    .as(wrong)
                    .isFalse();
        }
    }

    @Test
    void whatNeedsARestartIsNamedAndStaysAsItIs() throws Exception {
        var both = "first-message: line\ntransports:\n  a: {port: 1}\n";
        start(both + "event-loops: 1\ngroups:\n  g: {framing: raw}\n");

        configure(both + "event-loops: 2\ngrace-period: 1s\ngroups:\n  g: {framing: line}\n");
        var preview = reload.preview();
        var told = reload.reload();

        assertThat(told.lines())
                .containsExactly(
                        "changed: grace-period: 10s -> 1s",
                        "event-loops has changed, which needs a restart",
                        "groups.g.framing has changed, which needs a restart",
                        "reloaded");
        assertThat(a.events).containsExactly("start a");
    }

    @Test
    void otherGroupsWithAFramingNeedARestart() throws Exception {
        var start = "first-message: line\n" + unix("") + "groups:\n  \"g-*\": {framing: line}\n";
        start(start.replace("\"g-*\"", "g").replace("{framing", "{match: [\"g-*\"], framing"));

        var told = reload("first-message: line\n" + unix("") + "groups:\n  g: {match: [h], framing: line}\n");

        assertThat(told.lines())
                .containsExactly(
                        "the entries under groups give other framings to groups of unix, which needs a restart");
    }

    @Test
    void aSecretIsReadAgain() throws Exception {
        var secret = folder.resolve("secret");
        Files.writeString(secret, "first-first-first\n");
        var yaml = unix(", handshake: [token], token-secret-file: " + secret);
        start(yaml);
        member("SOCKETFORWARDER-NEW:first-first-first:g\n");

        Files.writeString(secret, "second-second-second\n");
        var told = reload(yaml);

        assertThat(told.lines()).hasSize(2).first().asString().contains("token-secret-file: another content of ");
        member("SOCKETFORWARDER-NEW:second-second-second:g\n");
        connect("SOCKETFORWARDER-NEW:first-first-first:g\n");
        TestServer.await("a refusal", () -> counted(Reason.BAD_TOKEN) == 1);
    }
}
