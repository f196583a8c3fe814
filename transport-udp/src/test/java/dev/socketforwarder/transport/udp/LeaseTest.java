package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests how registrations expire and are refreshed. */
@BothPaths
@Timeout(60)
class LeaseTest {
    private static final Duration MOST_OF_IT = Duration.ofSeconds(8);
    private static final String LEAVE = MemberSettings.DEFAULT_LEAVE_PREFIX;

    private final TestClock clock = new TestClock();

    @Parameter
    private IoPath io;

    private TestSettings leased() {
        return TestServer.settings(io).set("lease", "10s");
    }

    /** Advance the clock, and let the endpoint notice. */
    private void pass(Duration time, TestServer server, TestPeer outsider) throws IOException {
        clock.pass(time);
        long reads = server.count(Counter.READS);
        outsider.send("tick");
        TestServer.await(() -> server.count(Counter.READS) > reads, "a turn");
    }

    @Test
    void aRegistrationEndsByItself() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("lease", "200ms"));
                var a = server.peer()) {
            a.register();
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            server.awaitMembers(0);

            a.register();
            server.awaitCount(Reason.LEASE_EXPIRED, 2);
        }
    }

    @Test
    void withoutALeaseItStays() throws IOException {
        try (var server = clock.start(TestServer.settings(io));
                var a = server.member();
                var outsider = server.peer()) {
            pass(Duration.ofDays(100), server, outsider);
            assertThat(a.receiveText()).isEqualTo("tick");
            outsider.isNextHeardBy(a);
        }
    }

    @Test
    void registeringAgainAndDataOfItsOwnRefreshIt() throws IOException {
        try (var server = clock.start(leased());
                var again = server.member();
                var sending = server.member();
                var silent = server.member();
                var outsider = server.peer()) {
            for (int i = 0; i < 2; i++) {
                clock.pass(MOST_OF_IT);
                again.register();
                sending.send("alive");
                assertThat(again.receiveText()).isEqualTo("alive");
            }
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            server.awaitCount(Counter.MEMBERS, 2);
            outsider.isNextHeardBy(again, sending);
            assertThat(silent.receiveText()).isEqualTo("alive");
        }
    }

    /** As after a pause of the process: the refreshing datagram is queued behind more than one turn receives. */
    @Test
    void whatTheKernelHoldsRefreshesIt() throws Exception {
        var held = new CountDownLatch(1);
        var isHeld = new CountDownLatch(1);
        try (var server = clock.start(leased());
                var refreshed = server.member();
                var _ = server.member();
                var outsider = server.peer()) {
            clock.pass(MOST_OF_IT);
            clock.holdNext(() -> {
                isHeld.countDown();
                held.await();
                return null;
            });
            outsider.send("stop");
            isHeld.await();
            clock.pass(MOST_OF_IT);
            for (int i = 0; i < 3 * Intake.MAX_DATAGRAMS; i++) {
                outsider.send("flood");
            }
            refreshed.send("alive");
            held.countDown();
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            server.awaitCount(Counter.MEMBERS, 1);
        }
    }

    @Test
    void itsRegistrantRefreshesAllThatItRegistered() throws IOException {
        try (var server = clock.start(leased());
                var first = server.peer();
                var second = server.peer();
                var silent = server.member();
                var registrant = server.peer();
                var outsider = server.peer()) {
            registrant.register(first.port());
            registrant.register(second.port());
            server.awaitMembers(3);
            for (int i = 0; i < 3; i++) {
                clock.pass(MOST_OF_IT);
                registrant.send("alive");
                assertThat(first.receiveText()).isEqualTo("alive");
            }
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            outsider.isNextHeardBy(first, second);
            assertThat(silent.receiveText()).isEqualTo("alive");
        }
    }

    @Test
    void aPreconfiguredMemberStays() throws IOException {
        try (var probe = new TestPeer(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9));
                var server = clock.start(leased().set("preconfig-addresses", "127.0.0.1:" + probe.port()));
                var a = server.member();
                var outsider = server.peer()) {
            pass(Duration.ofSeconds(30), server, outsider);
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            assertThat(a.receiveText()).isEqualTo("tick");
            assertThat(probe.receiveText()).isEqualTo("tick");
            outsider.send(LEAVE + probe.port());
            server.awaitCount(Reason.NOT_REGISTERED, 1);
            outsider.isNextHeardBy(probe);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void whoLeavesIsNoMemberAtOnce(String end) throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var b = server.member();
                var registrant = server.peer();
                var outsider = server.peer()) {
            a.send(LEAVE + end);
            server.awaitCount(Reason.LEFT, 1);
            registrant.register(a.port());
            server.awaitMembers(2);
            registrant.send(LEAVE + a.port() + end);
            server.awaitCount(Reason.LEFT, 2);
            server.awaitMembers(1);

            outsider.isNextHeardBy(b);
            a.register();
            server.awaitMembers(2);
            outsider.isNextHeardBy(a, b);
        }
    }

    @Test
    void nobodyEndsARegistrationOfAnotherHost() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("host-address", "0.0.0.0"));
                var a = server.member();
                var elsewhere = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.2"))) {
            elsewhere.send(LEAVE + a.port());
            server.awaitCount(Reason.NOT_REGISTERED, 1);

            elsewhere.isNextHeardBy(a);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "65536", "x", "1 ", "127.0.0.1:1", "\0", "1\n\n"})
    void aLeaveOfNoPortIsRefusedAndNeverForwarded(String argument) throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send(LEAVE + argument);
            server.awaitCount(Reason.BAD_PORT, 1);
            outsider.isNextHeardBy(a);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SOCKETFORWARDER-", "SOCKETFORWARDER-LEAVE:NEW:"})
    void onePrefixMayBeginWithTheOther(String prefix) throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("new-client-prefix", prefix));
                var a = server.peer()) {
            a.send(prefix);
            server.awaitMembers(1);
            a.send(LEAVE);
            server.awaitCount(Reason.LEFT, 1);
        }
    }
}
