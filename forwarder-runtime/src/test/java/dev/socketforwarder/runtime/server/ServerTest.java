package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.endpoints.EndpointContext;
import dev.socketforwarder.runtime.endpoints.Endpoints;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ServerTest {
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final FakeTransport a = new FakeTransport("a");
    private final FakeTransport b = new FakeTransport("b");
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    ServerTest() {
        Logging.start(LogFormat.TEXT, log, false);
    }

    @AfterEach
    void logAsBefore() {
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
    }

    private final Configuration configuration = Fakes.yaml("""
            transports:
              a: {port: 6753, host-address: 127.0.0.1}
              b: {port: 6754, host-address: "::1"}
            """);
    private final EndpointContext.Shared shared = Fakes.shared(Fakes.plugins(a, b));

    private Server server() {
        return new Server(Endpoints.open(configuration, shared).hosted(), System::nanoTime);
    }

    /** Begins to replace endpoint a. */
    private CompletableFuture<Void> replaceA(Server server, Duration grace) {
        var old = server.running().getFirst();
        var fresh = Endpoints.reopen(configuration, shared, old);
        return CompletableFuture.runAsync(() -> {
            try {
                server.replace(old, fresh, grace);
            } catch (StartException e) {
                throw new CompletionException(e);
            }
        });
    }

    private String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void allStartAndEachAddressIsLogged() throws StartException {
        server().start();

        assertThat(a.events).containsExactly("start a");
        assertThat(b.events).containsExactly("start b");
        assertThat(log())
                .contains("INFO  a listening on 127.0.0.1:6753\n")
                .contains("INFO  b listening on [::1]:6754\n");
    }

    @Test
    void whereOneFailsNoneRuns() {
        b.onStart = () -> {
            throw new BindException("127.0.0.1:6754 is in use; choose another port");
        };

        assertThatThrownBy(server()::start)
                .isInstanceOf(StartException.class)
                .hasMessage("b cannot start: 127.0.0.1:6754 is in use; choose another port");
        assertThat(a.events).containsExactly("start a", "stop a at once");
        assertThat(b.events).containsExactly("start b", "stop b at once");
        assertThat(log()).isEmpty();
    }

    @Test
    void whatFailsWhileRollingBackIsKept() {
        a.onStop = () -> {
            throw new IOException("again");
        };
        b.onStart = () -> {
            throw new IllegalStateException("broken");
        };

        assertThatThrownBy(server()::start)
                .hasMessage("b cannot start: transport \"b\" of module (class path) failed:"
                        + " java.lang.IllegalStateException: broken")
                .hasSuppressedException(new IllegalStateException(new IOException("again")));
    }

    @Test
    void whoeverHoldsUpTheStopIsNamedAndStillSeen() throws Exception {
        var mayStop = new CountDownLatch(1);
        a.onStop = () -> awaitForEver(mayStop);
        var server = server();
        server.start();

        var stopped = CompletableFuture.runAsync(() -> server.stop(GRACE));
        TestServer.await("the line", () -> log().contains("INFO  still delivering: a (0 members); for at most "));
        assertThat(server.serving()).extracting(HostedEndpoint::name).contains("a");
        assertThat(log()).doesNotContain("b (0 members)");
        mayStop.countDown();
        stopped.join();
    }

    @Test
    void allQuiesceBeforeAnyStops() throws Exception {
        var bothQuiesce = new CountDownLatch(2);
        a.onQuiesce = () -> arrive(bothQuiesce);
        b.onQuiesce = () -> arrive(bothQuiesce);
        var server = server();
        server.start();

        assertThat(server.stop(GRACE)).isEqualTo(Unsent.NONE);

        assertThat(a.events).containsExactly("start a", "quiesce a", "stop a");
        assertThat(b.events).containsExactly("start b", "quiesce b", "stop b");
        assertThat(log()).contains("INFO  stopped; everything was delivered\n");
    }

    /** Returns only when all have come: so they run at the same time. */
    private static void arrive(CountDownLatch all) throws IOException {
        all.countDown();
        try {
            assertThat(all.await(5, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void whatIsLeftIsCountedInOneLine() throws StartException {
        a.unsent = new Unsent(2, 1_000);
        b.unsent = new Unsent(1, 24);
        var server = server();
        server.start();

        assertThat(server.stop(GRACE)).isEqualTo(new Unsent(3, 1_024));

        assertThat(log())
                .contains(
                        "WARN  stopped; 3 members missed 1024 bytes that could not be delivered within the grace period of 5s\n");
    }

    @Test
    void aPluginThatFailsOrHangsKeepsNobodyFromStopping() throws StartException {
        var never = new CountDownLatch(1);
        a.onQuiesce = () -> {
            throw new IllegalStateException("broken");
        };
        b.onStop = () -> awaitForEver(never);
        var server = server();
        server.start();

        server.stop(Duration.ofSeconds(1));

        assertThat(a.events).containsExactly("start a", "quiesce a", "stop a");
        assertThat(log())
                .contains("a failed to quiesce: transport \"a\" of module (class path)")
                .contains("b failed to stop: transport \"b\" of module (class path) does not return in time");
        never.countDown();
    }

    @Test
    void aStopDoesNotWaitForTheGraceOfOneThatIsReplaced() throws Exception {
        var quiesces = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        a.onQuiesce = () -> {
            quiesces.countDown();
            awaitForEver(goOn);
        };
        var server = server();
        server.start();
        var replacing = replaceA(server, Duration.ofMinutes(10));
        assertThat(quiesces.await(20, TimeUnit.SECONDS)).isTrue();

        server.stop(Duration.ofMillis(100));

        assertThat(b.events).containsExactly("start b", "quiesce b", "stop b");
        assertThat(log()).contains("a failed to stop: transport \"a\" of module (class path) does not return in time");
        goOn.countDown();
        replacing.get(20, TimeUnit.SECONDS);
        assertThat(a.events).as("nothing starts after the stop").containsExactly("start a", "quiesce a", "stop a");
    }

    @Test
    void whatOneThatIsReplacedCouldNotDeliverIsCountedByAStopMeanwhile() throws Exception {
        var stops = new CountDownLatch(1);
        var otherStops = new CountDownLatch(1);
        a.unsent = new Unsent(2, 1_000);
        a.onStop = () -> {
            stops.countDown();
            awaitForEver(otherStops);
        };
        b.onStop = otherStops::countDown;
        var server = server();
        server.start();
        var replacing = replaceA(server, GRACE);
        assertThat(stops.await(20, TimeUnit.SECONDS)).isTrue();

        assertThat(server.stop(GRACE)).isEqualTo(new Unsent(2, 1_000));

        replacing.get(20, TimeUnit.SECONDS);
        assertThat(a.events).containsExactly("start a", "quiesce a", "stop a");
    }

    @Test
    void oneThatIsReplacedStopsInOrderAndWhatItMissesIsTold() throws Exception {
        a.unsent = new Unsent(1, 10);
        var server = server();
        server.start();

        replaceA(server, GRACE).get(20, TimeUnit.SECONDS);

        assertThat(a.events).containsExactly("start a", "quiesce a", "stop a", "start a");
        assertThat(log())
                .contains("WARN  a was stopped; 1 members missed 10 bytes that could not be delivered within the grace"
                        + " period of 5s\n");
        assertThat(server.running()).extracting(HostedEndpoint::name).containsExactly("b", "a");
        server.stop(GRACE);
    }

    @Test
    void aPluginThatStartsAfterItWasGivenUpIsStoppedThen() throws Exception {
        var goOn = new CountDownLatch(1);
        a.onStart = () -> awaitForEver(goOn);
        var hosted = Endpoints.open(configuration, shared).hosted().getFirst();
        var foreign = new Plugin<>(hosted.transport().service(), "a", "m", "", "", "plugin");
        var server = new Server(
                List.of(new HostedEndpoint("a", foreign, hosted.context(), hosted.endpoint())),
                System::nanoTime,
                () -> true); // else it would wait longer

        assertThatThrownBy(server::start)
                .hasMessage(
                        "a cannot start: transport \"a\" of module m of plugin \"plugin\" does not return, and the stop"
                                + " does not wait for it");
        assertThat(a.events).as("while it starts").containsExactly("start a");

        goOn.countDown();
        while (a.events.size() < 2) {
            Thread.onSpinWait(); // no longer than this test may take
        }
        assertThat(a.events).containsExactly("start a", "stop a at once");
    }

    @Test
    void manyLoopsThatHangHoldUpTheStopNoLongerThanOne() throws Exception {
        int count = 150; // at a fifth of a second each, longer than this test may take
        var yaml = new StringBuilder("transports:\n");
        for (int i = 0; i < count; i++) {
            yaml.append("  e")
                    .append(i)
                    .append(": {type: a, port: ")
                    .append(i + 1)
                    .append("}\n");
        }
        var hang = new CountDownLatch(count);
        var goOn = new CountDownLatch(1);
        a.onOpen = () -> a.contexts.getLast().loop();
        var server =
                new Server(Endpoints.open(Fakes.yaml(yaml.toString()), shared).hosted(), System::nanoTime);
        server.start();
        a.contexts.forEach(context -> context.loop().execute(() -> {
            hang.countDown();
            try {
                goOn.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        try {
            assertThat(hang.await(20, TimeUnit.SECONDS)).isTrue();
            server.stop(Duration.ZERO);
        } finally {
            goOn.countDown();
        }
    }

    private static void awaitForEver(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }
}
