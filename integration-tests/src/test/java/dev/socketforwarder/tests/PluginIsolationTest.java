package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests that a misbehaving plugin harms only its own endpoint: TCP members beside it notice nothing. */
class PluginIsolationTest {
    /** Joins the group "g" without a socket, and misbehaves at the place that the setting {@code act} names. */
    private static final String NAUGHTY = """
            package naughty;

            import dev.socketforwarder.api.*;
            import dev.socketforwarder.api.buffer.*;
            import dev.socketforwarder.api.kit.*;
            import java.io.IOException;
            import java.net.*;
            import java.nio.channels.*;
            import java.nio.*;
            import java.time.Duration;
            import java.util.List;

            public class Naughty implements Transport, HandshakePolicy {
                public String type() { return "naughty"; }
                public String name() { return "naughty-policy"; }
                public Protocol protocol() { return Protocol.OTHER; }

                public Handshake create(Settings settings) {
                    String act = settings.text("act", "none");
                    return (peer, bytes, arrival) -> {
                        act(act, "consider");
                        return new Handshake.Declined(Reason.NOT_ADMITTED);
                    };
                }

                static void say(String what) { System.err.println("naughty: " + what); }

                static void act(String act, String place) {
                    if (act.equals("block-" + place)) { say("blocks"); sleep(3_000); say("is back"); }
                    if (act.equals("hang-" + place)) { say("hangs"); while (true) { sleep(1_000_000); } }
                    if (act.equals("spin-" + place)) { say("spins"); while (true) { Thread.onSpinWait(); } }
                    if (act.equals("throw-" + place)) { say("throws"); throw new IllegalStateException("on purpose"); }
                    if (act.equals("error-" + place)) { say("throws"); throw new AssertionError("on purpose"); }
                    if (act.equals("missing-" + place)) { say("throws"); Missing.call(); }
                }

                static void sleep(long ms) {
                    long end = System.nanoTime() + ms * 1_000_000;
                    while (System.nanoTime() - end < 0) {
                        try { Thread.sleep(100); } catch (InterruptedException e) { say("was interrupted"); }
                    }
                }

                public Endpoint open(TransportContext context) {
                    var settings = context.settings();
                    var act = settings.text("act", "none");
                    act(act, "open");
                    var loop = context.loop();
                    return new Endpoint() {
                        Membership membership;
                        final Batch batch = new Batch(Block.borrowed(ByteBuffer.allocateDirect(8).put("naughty!".getBytes())))
                                .add(0, 8);

                        public void start() throws IOException {
                            act(act, "start");
                            var pipe = Pipe.open();
                            pipe.source().configureBlocking(false);
                            loop.execute(() -> {
                                membership = ((Groups.Joined) context.groups().join(GroupId.of("g"), member(), loop)).membership();
                                try {
                                    loop.register(pipe.source(), SelectionKey.OP_READ, key -> act(act, "ready"));
                                    pipe.sink().write(ByteBuffer.allocate(1));
                                } catch (IOException e) { say(e.toString()); }
                                say("joined");
                            });
                            loop.call(() -> {}, Duration.ofSeconds(20));
                            if (act.equals("thread")) {
                                try { membership.publish(batch); } catch (IllegalStateException e) { say(e.getMessage()); }
                                try { context.groups().join(GroupId.of("g"), member(), new TaskQueue(() -> {}));
                                } catch (IllegalArgumentException e) { say(e.getMessage()); }
                            }
                            if (act.equals("leak")) { Thread.ofPlatform().start(() -> sleep(1_000_000)); }
                        }

                        Member member() {
                            return new Member() {
                                public void deliver(Batch given) {
                                    act(act, "deliver");
                                    membership.queue().add(given);
                                    loop.flushLater(this, () -> { act(act, "flush"); membership.queue().clear(); });
                                }
                                public void close(Reason reason) {
                                    say("closed " + reason);
                                    membership.leave(Reason.PEER_CLOSED);
                                    membership.queue().clear();
                                    act(act, "close");
                                }
                                public String describe() { return "naughty member"; }
                            };
                        }

                        public List<SocketAddress> localAddresses() { return List.of(); }
                        public void quiesce(Duration limit) { act(act, "quiesce"); }
                        public Unsent stop(Duration limit) {
                            act(act, "stop");
                            loop.call(() -> membership.leave(Reason.PEER_CLOSED), Duration.ofSeconds(1));
                            return Unsent.NONE;
                        }
                    };
                }
            }
            """;

    @TempDir
    private Path work;

    private Path folder;

    @BeforeEach
    void makePlugin() throws IOException {
        folder = Files.createDirectory(work.resolve("plugins"));
        var jar = PluginJars.in(work)
                .source(
                        "module naughty { requires dev.socketforwarder.api; provides dev.socketforwarder.api.Transport with"
                                + " naughty.Naughty; provides dev.socketforwarder.api.HandshakePolicy with naughty.Naughty; }")
                .source(NAUGHTY)
                .source("package naughty; class Missing { static void call() {} }")
                .to(folder.resolve("naughty.jar"));
        try (var in = FileSystems.newFileSystem(jar)) {
            Files.delete(in.getPath("naughty/Missing.class"));
        }
    }

    private Launch launch(String act) {
        return Launch.onFreePorts()
                .env("SOCKETFORWARDER_PLUGINS_PATH", folder.toString())
                .env("SOCKETFORWARDER_STALL_TIMEOUT", "500ms")
                .env("SOCKETFORWARDER_HIGH_WATER", "64KiB")
                .env("SOCKETFORWARDER_GRACE_PERIOD", "2s")
                .env("SOCKETFORWARDER_NAUGHTY_ACT", act);
    }

    /** Assert that more bytes than fit into any queue go from one to the other, beside the plugin's member. */
    private static void assertForwards(TcpClient from, TcpClient to) {
        var bytes = new byte[256 << 10];
        for (int i = 0; i < 8; i++) {
            from.send(bytes);
            assertThat(to.receive(bytes.length)).isEqualTo(bytes);
        }
    }

    private static void send(TcpClient client, String text) {
        client.send(text.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource({"block-deliver,deliver", "block-flush,act", "block-ready,act"})
    void oneThatBlocksIsGivenUpAndFindsAnOrderlyEnd(String act, String place) {
        try (var forwarder = launch(act).start()) {
            var a = forwarder.join("g");
            var b = forwarder.join("g");
            assertForwards(a, b);
            forwarder.awaitLine("The loop of naughty of plugin \"naughty\" has been blocked for 500ms, in naughty");
            forwarder.awaitLine("naughty: is back");
            forwarder.awaitLine("naughty: closed stalled");
            forwarder.awaitLine("The loop of naughty of plugin \"naughty\" runs again");
            assertForwards(b, a);
            forwarder.stop();
        }
    }

    @ParameterizedTest
    @CsvSource({"hang-deliver", "spin-deliver"})
    void oneThatNeverComesBackHoldsUpNobodyNorTheStop(String act) {
        try (var forwarder = launch(act).start()) {
            var a = forwarder.join("g");
            var b = forwarder.join("g");
            assertForwards(a, b);
            forwarder.awaitLine("has been blocked for 500ms");
            assertForwards(b, a);
            long beganNs = System.nanoTime();
            forwarder.stop();
            assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(Duration.ofSeconds(20));
        }
    }

    @ParameterizedTest
    @CsvSource({"throw-deliver", "error-deliver", "missing-deliver", "throw-flush", "error-flush", "throw-close"})
    void oneThatThrowsLosesItsMember(String act) {
        try (var forwarder = launch(act).start()) {
            var a = forwarder.join("g");
            var b = forwarder.join("g");
            send(a, "x");
            assertThat(b.receive(1)).hasSize(1);
            if (!act.equals("throw-close")) {
                forwarder.awaitLine("naughty: closed internal-error");
            }
            assertForwards(a, b);
            forwarder.stop();
        }
    }

    @ParameterizedTest
    @CsvSource({"throw-ready", "error-ready"})
    void aHandlerThatThrowsLosesItsChannel(String act) {
        try (var forwarder = launch(act).start()) {
            forwarder.awaitLine("A channel of naughty of plugin \"naughty\" is closed");
            assertForwards(forwarder.join("g"), forwarder.join("g"));
            forwarder.stop();
        }
    }

    @ParameterizedTest
    @CsvSource({"hang-quiesce", "spin-stop", "hang-stop", "throw-stop", "leak"})
    void theStopWaitsForNobodyLongerThanTheGracePeriod(String act) {
        try (var forwarder = launch(act).start()) {
            forwarder.awaitLine("naughty: joined");
            assertForwards(forwarder.join("g"), forwarder.join("g"));
            forwarder.stop();
        }
    }

    @Test
    void callsFromAnotherThreadAreRefused() {
        try (var forwarder = launch("thread").start()) {
            forwarder.awaitLine("naughty: publish was called on thread naughty-start, but endpoint naughty");
            forwarder.awaitLine("naughty: a plugin's members live on the loop of its endpoint");
            forwarder.stop();
        }
    }

    @Test
    void aStartThatHangsIsEndedByTheStop() {
        try (var forwarder = new Forwarder(launch("hang-start").startProcess(), List.of())) {
            forwarder.awaitLine("naughty: hangs");
            forwarder.signal("TERM");
            assertThat(forwarder.awaitExit()).isEqualTo(1);
            forwarder.awaitLine(
                    "naughty cannot start: transport \"naughty\" of module naughty of plugin \"naughty\" does not return");
        }
    }

    @Test
    void anOpenThatHangsFailsTheStart() {
        var result = launch("hang-open").arg("check").run();

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.errText()).contains("cannot open endpoint naughty: it does not return within 10s");
    }

    @ParameterizedTest
    @CsvSource({"throw-consider,failed; its peers are refused", "block-consider,for one peer: it must not block"})
    void aPolicyThatMisbehavesIsNamed(String act, String said) {
        try (var forwarder = launch("none")
                .env("SOCKETFORWARDER_TCP_HANDSHAKE", "naughty-policy")
                .env("SOCKETFORWARDER_TCP_ACT", act)
                .start()) {
            TcpClient.connect(forwarder.tcp());
            var line = forwarder.awaitLine(said);
            assertThat(line).contains("Handshake policy \"naughty-policy\" of module naughty of plugin \"naughty\"");
        }
    }
}
