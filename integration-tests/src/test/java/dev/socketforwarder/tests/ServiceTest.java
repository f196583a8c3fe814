package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests the forwarder as a service: ports that stay open, registrations that go on, and what the service manager is told. */
@Timeout(180)
class ServiceTest {
    private static final String HOST = "127.0.0.1";

    @TempDir
    private Path folder;

    private static InetSocketAddress at(int port) {
        return new InetSocketAddress(HOST, port);
    }

    /** Pairs of clients that meet in a group, again and again. */
    private static final class Pairs implements AutoCloseable {
        private static final String REPLY = "joined\n";
        private static final String HELLO = "hello";

        private final InetSocketAddress forwarder;
        private final Queue<IOException> refused = new ConcurrentLinkedQueue<>();
        private final AtomicInteger met = new AtomicInteger();
        private volatile boolean done;

        Pairs(InetSocketAddress forwarder) {
            this.forwarder = forwarder;
        }

        void meetAgainAndAgain(String name) {
            for (int i = 0; !done; i++) {
                try (var one = connect();
                        var other = connect()) {
                    meet(one, other, name + "-" + i);
                    met.incrementAndGet();
                } catch (IOException _) {
                    // A restart ends the connections of the process that stops.
                }
            }
        }

        private Socket connect() throws IOException {
            try {
                var socket = new Socket();
                socket.setSoTimeout((int) Forwarder.LIMIT.toMillis());
                socket.connect(forwarder, (int) Forwarder.LIMIT.toMillis());
                return socket;
            } catch (IOException e) {
                refused.add(e);
                throw e;
            }
        }

        private static void meet(Socket one, Socket other, String group) throws IOException {
            for (var socket : List.of(one, other)) {
                socket.getOutputStream().write((TcpClient.PREFIX + group).getBytes(StandardCharsets.UTF_8));
                expect(socket, REPLY);
            }
            one.getOutputStream().write(HELLO.getBytes(StandardCharsets.UTF_8));
            expect(other, HELLO);
        }

        private static void expect(Socket socket, String text) throws IOException {
            var got = new String(socket.getInputStream().readNBytes(text.length()), StandardCharsets.UTF_8);
            if (got.length() < text.length()) {
                throw new EOFException(got);
            }
            assertThat(got).isEqualTo(text);
        }

        void finish() {
            done = true;
        }

        @Override
        public void close() {
            finish();
        }

        void awaitMore(int pairs) {
            int before = met.get();
            await().atMost(Forwarder.LIMIT).until(() -> met.get() >= before + pairs);
        }
    }

    @Test
    void nobodyIsRefusedWhileItStartsAndWhileItRestartsUnderLoad() {
        int port = FreePorts.tcp(HOST);
        var launch = Launch.with()
                .env("SOCKETFORWARDER_HOST_ADDRESS", HOST)
                .env("SOCKETFORWARDER_TCP_PORT", Integer.toString(port))
                .env("SOCKETFORWARDER_JOIN_REPLY", Pairs.REPLY.strip())
                .activated("-l", HOST + ":" + port, "--fdname=tcp");
        try (var supervised = new Supervised(launch, 1);
                var together = new Together();
                var pairs = new Pairs(at(port))) {
            for (int i = 0; i < 8; i++) {
                var name = "group-" + i;
                together.start(() -> pairs.meetAgainAndAgain(name));
            }
            for (int restart = 0; restart < 5; restart++) {
                supervised.awaitReady();
                pairs.awaitMore(100);
                supervised.endRun();
            }
            supervised.awaitReady();
            pairs.awaitMore(100);
            pairs.finish();
            together.await();

            assertThat(pairs.refused).isEmpty();
            assertThat(supervised.err().toString()).doesNotContain("ERROR", "no endpoint listens on");
        }
    }

    @Test
    void twoListenersAreServedAndAStrayOneIsNamed() {
        int one = FreePorts.tcp(HOST);
        int other = FreePorts.tcp(HOST);
        int stray = FreePorts.tcp(HOST);
        var launch = Launch.with()
                .env("SOCKETFORWARDER_HOST_ADDRESS", HOST)
                .env("SOCKETFORWARDER_TCP_PORT", Integer.toString(one))
                .env("SOCKETFORWARDER_DEBUG", "true")
                .activated(
                        "-l",
                        HOST + ":" + one,
                        "-l",
                        HOST + ":" + other,
                        "-l",
                        HOST + ":" + stray,
                        "--fdname=tcp:tcp:stray");
        try (var supervised = new Supervised(launch, 3);
                var a = TcpClient.connect(at(one)).join("g")) {
            supervised.awaitReady();
            try (var b = TcpClient.connect(at(other)).join("g")) {
                for (var client : List.of(a, b)) {
                    supervised
                            .err()
                            .await(1, line -> line.contains(client.shown() + " joined"), "a join", Forwarder.LIMIT);
                }
                b.send("from one port to the other");
                a.expect("from one port to the other");
            }
            assertThat(supervised.err().matching(line -> line.contains("no endpoint listens on")))
                    .singleElement()
                    .asString()
                    .contains("tcp " + HOST + ":" + stray + " named \"stray\"");
        }
    }

    @Test
    void datagramsAndRegistrationsOutliveARestart() {
        int port = FreePorts.udp(HOST);
        var launch = Launch.with()
                .env("SOCKETFORWARDER_HOST_ADDRESS", HOST)
                .env("SOCKETFORWARDER_UDP_PORT", Integer.toString(port))
                .env("STATE_DIRECTORY", folder.resolve("state").toString())
                .activated("--datagram", "-l", HOST + ":" + port);
        int count = 150;
        try (var supervised = new Supervised(launch, 1);
                var member = UdpClient.to(at(port)).register();
                var sender = UdpClient.to(at(port));
                var together = new Together()) {
            supervised.awaitReady();
            sender.send("first");
            member.expect("first");
            together.start(() -> {
                for (int i = 0; i < count; i++) {
                    sender.send("datagram " + i);
                    LockSupport.parkNanos(20_000_000); // spread over the restarts; the kernel has room for all of them
                }
            });
            supervised.endRun();
            supervised.awaitReady();
            supervised.endRun();
            for (int i = 0; i < count; i++) {
                member.expect("datagram " + i);
            }
            together.await();
            supervised.awaitReady();
            assertThat(supervised.err().matching(line -> line.contains("1 registrations go on, of 1")))
                    .hasSize(2);
        }
    }

    @Test
    void anEndpointThatAReloadStartsAgainHasItsSocketAndItsMembersAgain() throws IOException {
        int port = FreePorts.udp(HOST);
        var file = folder.resolve("udp.yaml");
        var yaml = "host-address: " + HOST + "\ntransports: { udp: { port: " + port + ", max-read-in-size: %s } }\n";
        Files.writeString(file, yaml.formatted("64KiB"));
        var launch = Launch.with("--config", file.toString()).activated("--datagram", "-l", HOST + ":" + port);
        int count = 100;
        try (var supervised = new Supervised(launch, 1);
                var member = UdpClient.to(at(port)).register();
                var sender = UdpClient.to(at(port))) {
            supervised.awaitReady();
            Files.writeString(file, yaml.formatted("32KiB"));
            supervised.signal("HUP");
            for (int i = 0; i < count; i++) {
                sender.send("datagram " + i);
                member.expect("datagram " + i);
            }
            supervised.err().await(1, line -> line.endsWith(" reloaded"), "the end of the reload", Forwarder.LIMIT);
            assertThat(supervised.err().toString()).contains("udp was started again with its new settings");
        }
    }

    @Test
    void endpointsThatReloadsAddTakeSocketsThatNobodyUses() throws IOException {
        int port = FreePorts.tcp(HOST);
        int late = FreePorts.tcp(HOST);
        var file = folder.resolve("tcp.yaml");
        var one = "host-address: " + HOST + "\njoin-reply: joined\ntransports:\n  tcp: { port: " + port + " }\n";
        var both = one + "  late: { type: tcp, port: " + late + " }\n";
        Files.writeString(file, one);
        var launch = Launch.with("--config", file.toString())
                .activated("-l", HOST + ":" + port, "-l", HOST + ":" + late, "--fdname=tcp:late");
        try (var supervised = new Supervised(launch, 2);
                var waits = TcpClient.connect(at(late)).join("g");
                var member = TcpClient.connect(at(port)).join("g")) {
            supervised.awaitReady();
            member.expect("joined\n");
            reload(supervised, file, both, 1);
            waits.expect("joined\n");
            waits.send("x");
            member.expect("x");
            // The old endpoint lingers while its member does not end, and the new one has the socket.
            reload(supervised, file, one, 2);
            reload(supervised, file, both, 3);
            try (var again = TcpClient.connect(at(late)).join("g")) {
                again.expect("joined\n");
                again.send("y");
                member.expect("y");
            }
            assertThat(supervised.err().matching(line -> line.contains("no endpoint listens on")))
                    .singleElement()
                    .asString()
                    .contains("named \"late\"");
        }
    }

    @Test
    void theSocketAndTheMembersStayWhenAReloadAsksForAnotherPort() throws IOException {
        int port = FreePorts.tcp(HOST);
        var file = folder.resolve("moved.yaml");
        var yaml = "host-address: " + HOST + "\njoin-reply: joined\ntransports: { tcp: { port: %d } }\n";
        Files.writeString(file, yaml.formatted(port));
        var launch = Launch.with("--config", file.toString()).activated("-l", HOST + ":" + port, "--fdname=tcp");
        try (var supervised = new Supervised(launch, 1);
                var member = TcpClient.connect(at(port)).join("g")) {
            supervised.awaitReady();
            member.expect("joined\n");
            reload(supervised, file, yaml.formatted(FreePorts.tcp(HOST)), 1);
            try (var other = TcpClient.connect(at(port)).join("g")) {
                other.expect("joined\n");
                other.send("still here");
                member.expect("still here");
            }
            assertThat(supervised.err().toString())
                    .contains("still listens on the sockets of the service manager", HOST + ":" + port)
                    .doesNotContain("was started again");
        }
    }

    private static void reload(Supervised supervised, Path file, String yaml, int times) throws IOException {
        Files.writeString(file, yaml);
        supervised.signal("HUP");
        supervised.err().await(times, line -> line.endsWith(" reloaded"), "the end of the reload", Forwarder.LIMIT);
    }

    @Test
    void registrationsGoOnWithoutAServiceManagerToo() throws IOException {
        int port = FreePorts.udp(HOST);
        var state = folder.resolve("state");
        var launch = Launch.with()
                .env("SOCKETFORWARDER_HOST_ADDRESS", HOST)
                .env("SOCKETFORWARDER_UDP_PORT", Integer.toString(port))
                .env("SOCKETFORWARDER_STATE_DIRECTORY", state.toString());
        try (var member = UdpClient.to(at(port));
                var sender = UdpClient.to(at(port))) {
            try (var forwarder = launch.start()) {
                member.registerUntilHeard(sender, "before");
                forwarder.stop();
            }
            assertThat(state.resolve("udp.state")).content().contains(HOST + ":" + member.port());
            try (var forwarder = launch.start()) {
                assertThat(state).isEmptyDirectory();
                sender.send("after");
                await().atMost(Forwarder.LIMIT)
                        .until(() -> new String(member.receive(), StandardCharsets.UTF_8).equals("after"));
                forwarder.stop();
            }
            Files.writeString(state.resolve("udp.state"), "no registrations\n");
            try (var forwarder = launch.start()) {
                forwarder.awaitLine("the saved registrations cannot be read, and are lost");
                assertThat(state).isEmptyDirectory();
            }
        }
    }

    @Test
    void aConnectionInPlaceOfAListenerIsRefused() {
        int port = FreePorts.tcp(HOST);
        var launch = Launch.with()
                .env("SOCKETFORWARDER_TCP_PORT", Integer.toString(port))
                .activated("--accept", "-l", HOST + ":" + port);
        try (var supervised = new Supervised(launch, 1);
                var client = TcpClient.connect(at(port))) {
            client.expectClosed();
            supervised
                    .err()
                    .await(
                            1,
                            line -> line.startsWith("socketforwarder: descriptor 3")
                                    && line.endsWith("is a connection; set Accept=no in the socket unit"),
                            "the refusal",
                            Forwarder.LIMIT);
        }
    }

    @Test
    void theServiceManagerIsToldWhatHappens() throws IOException {
        var path = folder.resolve("notify").toString();
        var receive =
                "socket(S, AF_UNIX, SOCK_DGRAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die; $| = 1; print \"bound\\n\";"
                        + " while (defined recv(S, $m, 4096, 0)) { $m =~ s/\\n/ /g; print \"$m\\n\" }";
        var manager = new ProcessBuilder("perl", "-MSocket", "-e", receive, path).start();
        Launch.endWithTests(manager);
        var told = Lines.of(manager.getInputStream());
        told.await(1, "bound"::equals, "the socket", Forwarder.LIMIT);
        var launch = Launch.onFreePorts().env("NOTIFY_SOCKET", path).env("WATCHDOG_USEC", "1000000");
        try (var forwarder = launch.start();
                var _ = forwarder.join("g")) {
            told.await(1, "READY=1"::equals, "READY", Forwarder.LIMIT);
            told.await(3, "WATCHDOG=1"::equals, "WATCHDOG", Forwarder.LIMIT);
            told.await(
                    1,
                    line -> line.matches("STATUS=1 member in [12] groups; tcp 127.0.0.1:[0-9]+, udp 127.0.0.1:[0-9]+"),
                    "STATUS with a member",
                    Forwarder.LIMIT);
            forwarder.signal("HUP");
            told.await(1, line -> line.matches("RELOADING=1 MONOTONIC_USEC=[0-9]+"), "RELOADING", Forwarder.LIMIT);
            told.await(2, "READY=1"::equals, "READY again", Forwarder.LIMIT);
            forwarder.terminate();
            told.await(1, "STOPPING=1 EXTEND_TIMEOUT_USEC=15000000"::equals, "STOPPING", Forwarder.LIMIT);
            assertThat(forwarder.awaitExit()).isZero();
            assertThat(told.matching("READY=1"::equals)).hasSize(2);
        } finally {
            manager.destroyForcibly();
        }
    }

    @Test
    void everythingGoesOnDuringThePreStopDelay() {
        var launch = Admin.enable(Launch.onFreePorts()).env("SOCKETFORWARDER_PRE_STOP_DELAY", "1m");
        try (var forwarder = launch.start();
                var admin = Admin.of(forwarder);
                var before = forwarder.join("g")) {
            assertThat(admin.ask("GET", "/readyz", "").status()).isEqualTo(200);
            forwarder.signal("TERM");
            await().atMost(Forwarder.LIMIT)
                    .until(() -> admin.ask("GET", "/readyz", "").status() == 503);
            try (var late = forwarder.join("g")) {
                late.send("still served");
                before.expect("still served");
            }
            var skipped = "received again: skipping the rest of pre-stop-delay";
            // A second signal right away counts as the same, so repeat it until it is heard.
            await().atMost(Forwarder.LIMIT).pollInterval(Duration.ofMillis(200)).until(() -> {
                forwarder.signal("TERM");
                return !forwarder.err().matching(line -> line.contains(skipped)).isEmpty();
            });
            before.expectEnd();
            before.leave();
            assertThat(forwarder.awaitExit()).isZero();
            forwarder.awaitLine("everything goes on for 1m (pre-stop-delay)");
        }
    }

    @Test
    void thePreStopDelayEndsByItself() {
        try (var forwarder = Launch.onFreePorts()
                .env("SOCKETFORWARDER_PRE_STOP_DELAY", "700ms")
                .start()) {
            long begun = System.nanoTime();
            forwarder.stop();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(700));
        }
    }

    @Test
    void theUnitsAreValid() throws IOException, InterruptedException {
        var units = Launch.HOME.resolve("share/systemd");
        for (var name : List.of("socketforwarder.service", "socketforwarder.socket")) {
            var text = Files.readString(units.resolve(name));
            Files.writeString(folder.resolve(name), text.replace("/opt/socketforwarder", Launch.HOME.toString()));
        }
        var verify = new ProcessBuilder(
                        "systemd-analyze",
                        "verify",
                        folder.resolve("socketforwarder.service").toString(),
                        folder.resolve("socketforwarder.socket").toString())
                .redirectErrorStream(true)
                .start();
        var said = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(verify.waitFor()).as(said).isZero();
        assertThat(said).isEmpty();
    }
}
