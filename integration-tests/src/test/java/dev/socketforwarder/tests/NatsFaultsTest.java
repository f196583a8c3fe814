package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Tests what a fault of NATS or of a forwarder costs: nothing among members of one forwarder, and between forwarders only lines
 * that are counted as lost.
 */
@Timeout(300)
class NatsFaultsTest {
    private static final Duration OUTAGE = Duration.ofSeconds(NatsScene.IS_LONG ? 60 : 4);
    private static final int SENDER = 0;

    private final NatsScene scene = new NatsScene();
    private NatsServer server;

    // The forwarder here has a sender and a receiver, the one there has a receiver.
    private Forwarder here;
    private Forwarder there;
    private TcpClient sender;
    private CheckedReader local;
    private CheckedReader distant;

    /** Sends about 1,000 lines a second until it is told to stop. */
    private final class Stream implements AutoCloseable {
        private final AtomicBoolean isStopped = new AtomicBoolean();
        private final AtomicLong next = new AtomicLong();
        private final Together thread = new Together();

        Stream() {
            thread.start(() -> {
                while (!isStopped.get()) {
                    NatsScene.send(sender, SENDER, next.get(), next.get() + 5);
                    next.addAndGet(5);
                    Thread.sleep(5); // the rate itself
                }
            });
        }

        /** {@return the number of the last line} */
        long stop() {
            isStopped.set(true);
            thread.await();
            return next.get() - 1;
        }

        /** Go on sending for so long. */
        void lasts(Duration duration) throws InterruptedException {
            Thread.sleep(duration); // the fault itself
        }

        /** Wait until lines arrive there that are sent from now on. */
        void awaitArrivals() {
            distant.await(SENDER, next.get() + 100);
        }

        @Override
        public void close() {
            isStopped.set(true);
            thread.close();
        }
    }

    @BeforeEach
    void startServer() {
        server = scene.server();
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private void start(String more) {
        here = scene.forwarder(NatsScene.servers(server) + more);
        there = scene.forwarder(server);
        sender = scene.join(here, "g");
        local = new CheckedReader(scene.join(here, "g"));
        distant = new CheckedReader(scene.join(there, "g"));
        NatsScene.meet(sender, distant);
    }

    /** Assert that nothing is missing here, and that whatever is missing there was counted there. */
    private void assertAccounted(long last) {
        local.awaitAll(SENDER, last);
        distant.await(SENDER, last);
        // What a long outage held back comes at once, and servers do not wait for members.
        long lost = there.total("nats", "lost-upstream");
        long leftOut = there.total("drops in groups", "owner-full") + there.total("drops in groups", "member-full");
        assertThat(lost + leftOut).as("lost " + lost + ", left out " + leftOut).isEqualTo(distant.missing(SENDER));
    }

    @Test
    void aServerThatIsKilledCostsOnlyWhatIsCounted() throws InterruptedException {
        start("");
        try (var stream = new Stream()) {
            for (int i = 0; i < 2; i++) {
                stream.awaitArrivals();
                server.kill();
                here.err()
                        .await(i + 1, line -> line.contains("nats lost its NATS server"), "the loss", Forwarder.LIMIT);
                server.start();
                stream.awaitArrivals();
            }
            assertAccounted(stream.stop());
        }
        assertThat(here.total("nats", "upstream-full")).isZero();
    }

    @Test
    void outagesDropTheOldestLinesAndCountThemOnBothSides() throws InterruptedException {
        start(", queue-size: 128KiB");
        try (var stream = new Stream()) {
            stream.awaitArrivals();
            server.kill();
            here.awaitLine("nats lost its NATS server");
            stream.lasts(OUTAGE);
            local.await(SENDER, stream.next.get());
            long dropped = here.total("nats", "upstream-full");
            assertThat(dropped).as("dropped, since they do not fit").isPositive();
            server.start();
            stream.awaitArrivals();
            assertAccounted(stream.stop());
            assertThat(distant.missing(SENDER)).isGreaterThanOrEqualTo(dropped);
        }
        assertThat(here.err().matching(line -> line.contains("WARN") && line.contains("lost its NATS server")))
                .hasSize(1);
    }

    @Test
    void aSlowServerHoldsUpNothingHereAndLosesNothing() throws InterruptedException {
        start("");
        try (var stream = new Stream()) {
            stream.awaitArrivals();
            server.signal("STOP");
            stream.lasts(Duration.ofSeconds(3));
            long now = stream.next.get();
            local.await(SENDER, now);
            server.signal("CONT");
            stream.awaitArrivals();
            assertAccounted(stream.stop());
            assertThat(distant.missing(SENDER)).isZero();
        }
    }

    @Test
    void aForwarderThatIsKilledAndStartedAgainIsHeardAgain() {
        start("");
        NatsScene.send(sender, SENDER, 0, 1_000);
        distant.awaitAll(SENDER, 999);

        there.signal("KILL");
        there.awaitExit();
        there = scene.forwarder(server);
        var again = new CheckedReader(scene.join(there, "g"));
        NatsScene.meet(sender, again);
        NatsScene.send(sender, 1, 0, 1_000);
        again.awaitAll(1, 999);

        here.signal("KILL");
        here.awaitExit();
        here = scene.forwarder(server);
        var another = scene.join(here, "g");
        NatsScene.meet(another, again);
        NatsScene.send(another, 2, 0, 1_000);
        again.awaitAll(2, 999);
        assertThat(there.total("nats", "lost-upstream")).isZero();
    }

    @Test
    void aForwarderThatStopsSendsAllThatItsMembersSent() {
        start("");
        NatsScene.send(sender, SENDER, 0, 5_000);
        local.await(SENDER, 4_999);
        here.stop();
        distant.awaitAll(SENDER, 4_999);
    }

    @Test
    void strangersOnTheSubjectAreRefusedAndCounted() {
        start("");
        var stranger = scene.add(new NatsStranger(server));
        var subject = "socketforwarder.g";
        var random = new Random(7);
        for (int i = 0; i < 1_000; i++) {
            var noise = new byte[random.nextInt(2_000)];
            random.nextBytes(noise);
            stranger.publish(subject, noise);
        }
        stranger.publishWithHeaders(subject, "anything".getBytes(StandardCharsets.US_ASCII))
                .publish(subject, NatsStranger.message("line", 1, 1, "no end", 7))
                .publish(subject, NatsStranger.message("line", 1, 2, "only one\n", 7))
                .publish(subject, NatsStranger.message("line", -1, 1, "no number\n", 7))
                .publish(subject, NatsStranger.message("line", 1, 1, "x".repeat(1_000_000) + "\n", 7))
                .publish(subject, NatsStranger.message("raw", 1, 1, "\0\0\0\1x", 7))
                .publish(subject, NatsStranger.message("nonsense", 1, 1, "line\n", 7))
                .publish(subject, NatsStranger.message("line", 1, 1, "far\n", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
                .publish("socketforwarder.$presence", new byte[10])
                .awaitTaken();
        NatsScene.send(sender, SENDER, 0, 1_000);
        distant.awaitAll(SENDER, 999);
        await().atMost(Forwarder.LIMIT).until(() -> there.total("nats", "upstream-invalid") >= 1_005);

        assertThat(there.total("nats", "upstream-invalid")).isEqualTo(1_005);
        assertThat(there.total("nats", "framing-mismatch")).isEqualTo(2);
        assertThat(there.total("nats", "forwarding-loop")).isEqualTo(1);
        assertThat(there.err()
                        .matching(line -> line.contains("upstream-invalid") && !line.contains("since the start"))
                        .size())
                .isLessThan(5);
        assertThat(distant.foreign()).isPositive();
    }

    @Test
    void groupsThatComeAndGoLeaveNothingBehind() {
        start("");
        int before = server.subscriptions();
        int waves = 10;
        for (int wave = 0; wave < waves; wave++) {
            try (var together = new Together()) {
                for (int i = 0; i < 100; i++) {
                    var group = "group-" + wave + "-" + i;
                    together.start(() -> meetAndLeave(group));
                }
                together.await();
            }
        }
        await("that all subscriptions end").atMost(Forwarder.LIMIT).until(() -> server.subscriptions() == before);
        assertThat(there.total("nats", "lost-upstream")).isZero();
        NatsScene.send(sender, SENDER, 0, 1_000);
        distant.awaitAll(SENDER, 999);
    }

    private void meetAndLeave(String group) {
        try (var one = TcpClient.connect(here.tcp()).join(group);
                var other = TcpClient.connect(there.tcp()).join(group)) {
            var reader = new CheckedReader(other);
            NatsScene.meet(one, reader);
            NatsScene.send(one, SENDER, 0, 20);
            reader.awaitAll(SENDER, 19);
        }
    }

    @Test
    @Tag("network")
    void aPartitionLosesOnlyWhatIsCounted() throws InterruptedException {
        var network = scene.add(new Network());
        var near = network.link();
        var far = network.link();
        var reachable = scene.add(NatsServer.inside(network.forwarders(), "0.0.0.0"));
        here = forwarderOn(near, reachable);
        there = forwarderOn(far, reachable);
        sender = memberOn(near, here);
        local = new CheckedReader(memberOn(near, here));
        distant = new CheckedReader(memberOn(far, there));
        NatsScene.meet(sender, distant);
        try (var stream = new Stream()) {
            stream.awaitArrivals();
            near.forwarders().run("ip link set dev " + near.device() + " down");
            stream.lasts(OUTAGE);
            local.await(SENDER, stream.next.get());
            near.forwarders().run("ip link set dev " + near.device() + " up");
            stream.awaitArrivals();
            assertAccounted(stream.stop());
        }
    }

    private Forwarder forwarderOn(Link link, NatsServer reachable) {
        return scene.connected(NatsScene.launch("servers: [\"nats://" + link.near(1) + ":" + reachable.port() + "\"]")
                .inside(link.host()));
    }

    private TcpClient memberOn(Link link, Forwarder forwarder) {
        var address = forwarder.tcp();
        var client =
                scene.add(link.host().make(() -> TcpClient.connect(address)).join("g"));
        forwarder.awaitJoined(client, "g");
        return client;
    }

    /** More forwarders with {@code -Dnats.long=true}: each needs a process and some 100 MB. */
    @Test
    void interestGrowsWithForwardersAndGroupsAlone() {
        int nodes = NatsScene.IS_LONG ? 20 : 3;
        int groups = NatsScene.IS_LONG ? 50 : 20;
        var all = new Forwarder[nodes];
        try (var together = new Together()) {
            for (int i = 0; i < nodes; i++) {
                int index = i;
                together.start(() -> all[index] = scene.forwarder(server));
            }
            together.await(Duration.ofMinutes(3));
        }
        var readers = new CheckedReader[nodes - 1];
        TcpClient first = null;
        for (int g = 0; g < groups; g++) {
            for (int i = 0; i < nodes; i++) {
                var member = scene.add(TcpClient.connect(all[i].tcp()).join("group-" + g));
                if (g == 0 && i > 0) {
                    readers[i - 1] = new CheckedReader(member);
                } else if (g == 0) {
                    first = member;
                }
            }
        }
        await("a subscription for each group and forwarder")
                .atMost(Forwarder.LIMIT)
                .until(() -> server.subscriptions() == groups * nodes);
        NatsScene.meet(first, readers);
        long before = server.monitor("/varz").get("in_msgs").asLong();
        NatsScene.send(first, SENDER, 0, 1_000);
        for (var reader : readers) {
            reader.awaitAll(SENDER, 999);
        }
        var varz = server.monitor("/varz");
        // The server gets a line once, whatever the number of forwarders.
        assertThat(varz.get("in_msgs").asLong() - before).isLessThanOrEqualTo(1_000);
        System.out.printf(
                "%d forwarders, %d groups: %d subscriptions, server %d KiB%n",
                nodes, groups, server.subscriptions(), varz.get("mem").asLong() / 1_024);
    }
}
