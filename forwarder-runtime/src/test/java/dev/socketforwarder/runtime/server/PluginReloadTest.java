package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.runtime.commands.Cli;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.endpoints.HostedEndpoint;
import dev.socketforwarder.runtime.logging.LogFormat;
import dev.socketforwarder.runtime.logging.LogOutput;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.PluginCopies;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.testing.FakeTransport;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.PluginJar;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.ref.WeakReference;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sun.misc.Signal;

/** A plugin is loaded again while endpoints of it run. */
@Timeout(120)
class PluginReloadTest {
    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

    @TempDir
    private Path work;

    private final FakeTransport tcp = new FakeTransport("tcp");
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path sockets;
    private Path jar;
    private Server server;
    private PluginReload reload;
    private Map<String, Counters> counters;

    @BeforeEach
    void makeFolders() throws IOException {
        sockets = Files.createTempDirectory("sf"); // short, since a socket's path has a limit
        jar = work.resolve("plugins/plugged.jar");
    }

    @AfterEach
    void close() throws Exception {
        for (var each : opened) {
            each.close();
        }
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        Logging.start(LogFormat.TEXT, LogOutput.STDERR, false);
        try (var left = Files.list(sockets)) {
            for (var each : left.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(sockets);
    }

    /** The configuration of tcp, and of an endpoint of the plugin for each name. */
    private Inputs inputs(String... names) throws IOException {
        var yaml = new StringBuilder("grace-period: 1s\nplugins: {path: " + jar.getParent()
                + ", reload: true}\ntransports:\n  tcp: {port: 1}\n");
        for (var name : names) {
            yaml.append("  " + name + ": {type: unix, path: " + sockets.resolve(name) + "}\n");
        }
        return new Inputs(List.of(Files.writeString(work.resolve("conf.yaml"), yaml)), Map.of(), List.of());
    }

    private void start(String... names) throws Exception {
        var setup = Setup.of(inputs(names), Fakes.plugins(tcp));
        opened.add(setup);
        Logging.start(LogFormat.TEXT, log, false);
        server = new Server(setup.endpoints().hosted(), System::nanoTime);
        server.start();
        counters = server.counters(setup.groups());
        reload = new PluginReload(setup, new Current(setup), server);
    }

    private void reload() {
        reload.look();
        reload.look(); // it has settled
    }

    private SocketChannel member(String endpoint) throws IOException {
        long members = counters.get(endpoint).get(Counter.MEMBERS);
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(sockets.resolve(endpoint)));
        opened.add(channel);
        channel.write(ByteBuffer.wrap((PrefixHandshake.DEFAULT_PREFIX + "g\n").getBytes(StandardCharsets.UTF_8)));
        await("a member of " + endpoint, () -> counters.get(endpoint).get(Counter.MEMBERS) == members + 1);
        return channel;
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + LIMIT_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNs).as("still waits for " + what).isNegative();
            Thread.onSpinWait();
        }
    }

    private String log() {
        return log.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsCountedGoesOn() throws Exception {
        PluginJar.in(work).to(jar);
        start("a");
        member("a");
        member("a");

        PluginJar.in(work).onStart("// changed").to(jar);
        reload();

        var counted = counters.get("a");
        assertThat(log()).contains("was loaded again, for a");
        assertThat(counted.get(Counter.JOINED)).isEqualTo(2);
        assertThat(counted.get(Counter.MEMBERS)).isZero();
        assertThat(counted.get(Counter.CONNECTIONS)).isZero();
        member("a");
        assertThat(counted.get(Counter.JOINED)).isEqualTo(3);
        assertThat(counted.get(Counter.CONNECTIONS)).isEqualTo(1);
    }

    /** As one whose loop hangs, with members of its own. */
    @Test
    void membersThatAnEndpointDoesNotCountOffAreCountedNoMoreOnceItIsReplaced() throws Exception {
        PluginJar.in(work)
                .onOpen("context.counters().add(dev.socketforwarder.api.Counter.MEMBERS, 1);")
                .to(jar);
        start("a");
        var counted = counters.get("a");
        assertThat(counted.get(Counter.MEMBERS)).isEqualTo(1);
        var old = server.running().getLast().context();

        PluginJar.in(work).onStart("// changed").to(jar);
        reload();

        assertThat(counted.get(Counter.MEMBERS)).isZero();
        old.counters().add(Counter.MEMBERS, -1); // the loop goes on, too late
        assertThat(counted.get(Counter.MEMBERS)).isZero();
    }

    /** {@return by endpoint, the class of the transport that serves it} */
    private Map<String, Class<?>> served() {
        return server.running().stream()
                .collect(Collectors.toMap(
                        HostedEndpoint::name,
                        hosted -> hosted.transport().service().getClass()));
    }

    /** One line names the plugin, and says all that there is to say. */
    private void assertOneLineSays(String... parts) {
        assertThat(log().lines().filter(line -> line.contains("WARN") || line.contains("ERROR")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .contains("plugin \"plugged\" (" + jar + ")")
                .contains(parts);
    }

    @Test
    void whereOneEndpointCannotStartWithItTheOthersRunOn() throws Exception {
        PluginJar.in(work).to(jar);
        start("a", "b", "c");
        var old = served().get("a");
        var undisturbed = member("c");

        PluginJar.in(work)
                .onStart("if (name.equals(\"b\")) throw new IllegalStateException(\"on purpose\");")
                .to(jar);
        reload();

        assertOneLineSays(
                "but b cannot start: transport \"unix\" of module",
                "on purpose; b runs with the old one again; with the new one: a; still with the old one: c");
        assertThat(served())
                .containsEntry("b", old)
                .containsEntry("c", old)
                .doesNotContainEntry("a", old)
                .containsKey("tcp");
        assertThat(tcp.events).containsExactly("start tcp");
        member("a");
        var fromB = member("b");
        fromB.write(ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8)));
        var heard = ByteBuffer.allocate(5);
        while (heard.hasRemaining()) {
            assertThat(undisturbed.read(heard)).isPositive();
        }
    }

    @Test
    void oneThatCanStartNeitherWithTheNewNorWithTheOldIsTold() throws Exception {
        PluginJar.in(work).to(jar);
        start("a", "b");

        PluginJar.in(work)
                .onStart("if (name.equals(\"a\")) {"
                        + " Files.writeString(path, \"\"); throw new IOException(\"a cannot start today\"); }")
                .to(jar);
        reload();

        assertOneLineSays("but a cannot start today; a no longer runs", "a cannot bind", "still with the old one: b");
        assertThat(served()).containsOnlyKeys("tcp", "b");
        member("b");

        Files.delete(sockets.resolve("a"));
        PluginJar.in(work).onStart("// mended").to(jar);
        reload();
        assertThat(log()).contains("was loaded again, for b");
    }

    @Test
    void whatCannotBeLoadedOrOpenedChangesNothing() throws Exception {
        PluginJar.in(work).to(jar);
        start("a", "b");
        var before = served();
        var undisturbed = member("a");

        Files.writeString(jar, "broken");
        reload();
        assertOneLineSays("plugged.jar is not a readable JAR", "; the plugin that runs is kept");
        log.reset();
        PluginJar.in(work)
                .onOpen("if (context.name().equals(\"b\")) throw new IllegalStateException(\"on purpose\");")
                .to(jar);
        reload();

        assertThat(log())
                .contains("of plugin \"plugged\" cannot open endpoint b: java.lang.IllegalStateException: on purpose;"
                        + " the plugin that runs is kept");
        assertThat(served()).isEqualTo(before);
        member("b").write(ByteBuffer.wrap(new byte[1]));
        assertThat(undisturbed.read(ByteBuffer.allocate(1))).isEqualTo(1);
    }

    private static int copies() throws IOException {
        try (var all = Files.list(PluginCopies.all())) {
            return (int) all.filter(Files::isDirectory).count();
        }
    }

    @Test
    void whatWasCopiedIsRemovedWhenNobodyUsesIt() throws Exception {
        PluginJar.in(work).to(jar);
        int before = copies();
        start("a", "b");
        assertThat(copies()).isEqualTo(before + 1);

        PluginJar.in(work).onStart("// changed").to(jar);
        reload();
        assertThat(copies()).as("after a reload").isEqualTo(before + 1);

        PluginJar.in(work)
                .onOpen("if (true) throw new IllegalStateException(\"on purpose\");")
                .to(jar);
        reload();
        assertThat(copies()).as("after one that cannot be opened").isEqualTo(before + 1);

        Files.writeString(jar, "broken");
        reload();
        assertThat(copies()).as("after one that cannot be loaded").isEqualTo(before + 1);

        PluginJar.in(work)
                .onStart("if (name.equals(\"b\")) throw new IllegalStateException(\"on purpose\");")
                .to(jar);
        reload();
        assertThat(copies()).as("two versions run").isEqualTo(before + 2);

        PluginJar.in(work).onStart("// mended").to(jar);
        reload();
        assertThat(copies()).as("one runs").isEqualTo(before + 1);
        member("a");
        member("b");
    }

    @Test
    void whatNobodyAsksForIsNotLoadedWhenItChanges() throws Exception {
        PluginJar.in(work).names("unix").to(jar);
        start();

        PluginJar.in(work).onCreation(remember("fresh")).names("unix").to(jar);
        reload();

        assertThat(remembered("fresh")).isNull();
    }

    @Test
    void theClassesOfTheOldOneAreLetGo() throws Exception {
        PluginJar.in(work).onCreation(remember("old")).to(jar);
        var inputs = inputs("a");
        var arguments = new String[] {"--config", inputs.files().getFirst().toString()};
        var image = Fakes.plugins(tcp);
        var out = new PrintStream(log, true, StandardCharsets.UTF_8);
        var code = CompletableFuture.supplyAsync(() -> new Cli(Map.of(), out, out, () -> image).run(arguments));
        try {
            await("the start", () -> Files.exists(sockets.resolve("a")));

            PluginJar.in(work).onCreation(remember("fresh")).to(jar);

            await("the reload", () -> remembered("fresh") != null);
            await("the collection", () -> {
                System.gc();
                return remembered("old").refersTo(null);
            });
            assertThat(remembered("fresh").get()).isNotNull();
        } finally {
            Signal.raise(new Signal("TERM"));
            code.get(60, TimeUnit.SECONDS);
            System.getProperties().remove("old");
            System.getProperties().remove("fresh");
        }
        assertThat(code.get()).isZero();
    }

    private static String remember(String key) {
        return "System.getProperties().put(\"" + key + "\", new java.lang.ref.WeakReference<>(getClass()));";
    }

    private static WeakReference<?> remembered(String key) {
        return (WeakReference<?>) System.getProperties().get(key);
    }
}
