package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests forwarders that are registered at each other, each as if in a process of its own. */
@BothPaths
@Timeout(60)
class LoopTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final long QUIET_NS = Duration.ofMillis(300).toNanos();

    @Parameter
    private IoPath io;

    private final List<TestServer> forwarders = new ArrayList<>();

    @AfterEach
    void stop() {
        forwarders.forEach(TestServer::close);
    }

    private void start(int count, TestSettings settings) throws IOException {
        for (int i = 0; i < count; i++) {
            forwarders.add(TestServer.start(settings));
        }
    }

    /** Register the second forwarder at the first, to be sent to from the socket with this number. */
    private void link(int from, int to, int socket) throws IOException {
        var server = forwarders.get(from);
        long members = server.count(Counter.MEMBERS);
        try (var registrant = new TestPeer(server.address(socket), LOOPBACK)) {
            registrant.register(forwarders.get(to).port());
        }
        server.awaitMembers(members + 1);
    }

    private long sum(ToLongFunction<TestServer> count) {
        return forwarders.stream().mapToLong(count).sum();
    }

    /** Send one datagram to the first forwarder, and wait until nothing moves any more. */
    private void sendOne() throws IOException {
        try (var outsider = forwarders.getFirst().peer()) {
            outsider.send("one datagram");
        }
        TestServer.await(() -> sum(it -> it.count(Reason.FORWARDING_LOOP)) > 0, "an end");
        long deadlineNs = System.nanoTime() + TestServer.LIMIT.toNanos();
        long moved = -1;
        long sinceNs = System.nanoTime();
        while (System.nanoTime() - sinceNs < QUIET_NS) {
            assertThat(System.nanoTime()).as("still going round").isLessThan(deadlineNs);
            long now = sum(it -> it.count(Counter.READS) + it.count(Reason.FORWARDING_LOOP));
            if (now != moved) {
                moved = now;
                sinceNs = System.nanoTime();
            }
            Thread.onSpinWait();
        }
    }

    private void receivedAtMost(long most) {
        assertThat(forwarders)
                .allSatisfy(it -> assertThat(it.count(Counter.READS)).isBetween(2L, most));
    }

    @Test
    void twoThatKnowEachOtherByOtherAddressesSendADatagramToAndFroAFewTimes() throws IOException {
        start(1, TestServer.settings(io).set("host-address", "127.0.0.1,127.0.0.2"));
        start(1, TestServer.settings(io).set("host-address", "127.0.0.1,127.0.0.3"));
        link(0, 1, 1);
        link(1, 0, 1);
        sendOne();
        receivedAtMost(io == IoPath.NATIVE ? 10 : 150);
        assertThat(sum(it -> it.count(Reason.FORWARDING_LOOP))).isEqualTo(1);
    }

    @Test
    void aRingPassesADatagramAroundAFewTimes() throws IOException {
        start(3, TestServer.settings(io));
        for (int i = 0; i < 3; i++) {
            link(i, (i + 1) % 3, 0);
        }
        sendOne();
        receivedAtMost(io == IoPath.NATIVE ? 10 : 150);
        assertThat(sum(it -> it.count(Reason.FORWARDING_LOOP))).isEqualTo(1);
    }

    @Test
    void aMeshEndsThoughCopiesDouble() throws IOException {
        start(4, TestServer.settings(io));
        for (int from = 0; from < 4; from++) {
            for (int to = 0; to < 4; to++) {
                if (from != to) {
                    link(from, to, 0);
                }
            }
        }
        sendOne();
        assertThat(sum(it -> it.count(Counter.READS))).isLessThan(10_000);
    }

    @Test
    void endpointsOfOneProcessInOneGroupPassTheHopsOn() throws IOException {
        // Native path only, since channels do not see hop limits.
        start(1, TestServer.settings(IoPath.NATIVE));
        // What arrives at one endpoint leaves at the other.
        var groups = TestServer.groups();
        var transport = new UdpTransport();
        for (var name : List.of("in", "out")) {
            var settings = TestServer.settings(IoPath.NATIVE).set("group", "both");
            forwarders.add(TestServer.start(transport, new TestContext(name, settings, groups)));
        }
        link(0, 1, 0);
        link(2, 0, 0);
        sendOne();
        assertThat(sum(it -> it.count(Counter.READS))).isLessThan(30);
    }

    @Test
    void equalPayloadsOfMembersArriveHoweverOften() throws IOException {
        start(2, TestServer.settings(io));
        // Adds a forwarder that they might come from.
        link(0, 1, 0);
        var server = forwarders.getFirst();
        try (var a = server.member();
                var b = server.member();
                var c = server.member()) {
            for (int i = 0; i < 2_000; i++) {
                b.send("alive");
                a.send("alive");
                assertThat(c.receiveText()).isEqualTo("alive");
                assertThat(c.receiveText()).isEqualTo("alive");
            }
            assertThat(server.count(Reason.FORWARDING_LOOP)).isZero();
        }
    }

    @Test
    void whatAForwarderOfThisMachineSendsOnRefreshesNoLease() throws IOException {
        // Native path only, since channels do not see hop limits.
        var clock = new TestClock();
        forwarders.add(clock.start(TestServer.settings(IoPath.NATIVE).set("lease", "10s")));
        start(1, TestServer.settings(IoPath.NATIVE));
        link(0, 1, 0);
        link(1, 0, 0);
        var leased = forwarders.getFirst();
        try (var outsider = forwarders.get(1).peer()) {
            clock.pass(Duration.ofSeconds(8));
            outsider.send("through the other");
            TestServer.await(() -> leased.count(Counter.READS) == 1, "a datagram");
            clock.pass(Duration.ofSeconds(8));
            outsider.send("and again");
            leased.awaitCount(Reason.LEASE_EXPIRED, 1);
        }
    }
}
