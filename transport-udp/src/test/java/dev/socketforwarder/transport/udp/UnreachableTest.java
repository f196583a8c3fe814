package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.members.Registration;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests members that the network reports as unreachable, which only the native path hears. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
@Timeout(60)
class UnreachableTest {
    private static TestSettings settings(String unreachable) {
        return TestServer.settings(IoPath.NATIVE)
                .set("unreachable", unreachable)
                .set("unreachable-threshold", 3);
    }

    private static void forwardOne(TestPeer sender, TestPeer member, int i) throws IOException {
        sender.send("" + i);
        assertThat(member.receiveText()).isEqualTo("" + i);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void oneThatIsGoneIsRemovedAndTheOthersMissNothing(String host) throws IOException {
        UdpEndpointTest.assumeIpv6();
        try (var server = TestServer.start(settings("remove").set("host-address", host));
                var a = new TestPeer(server.address(), InetAddress.ofLiteral(host));
                var sender = new TestPeer(server.address(), InetAddress.ofLiteral(host))) {
            try (var gone = new TestPeer(server.address(), InetAddress.ofLiteral(host))) {
                gone.register();
                server.awaitMembers(1);
            }
            a.register();
            server.awaitMembers(2);
            long deadlineNs = System.nanoTime() + TestServer.LIMIT.toNanos();
            for (int i = 0; server.count(Counter.MEMBERS) > 1; i++) {
                assertThat(System.nanoTime()).isLessThan(deadlineNs);
                forwardOne(sender, a, i);
            }
            server.awaitCount(Reason.MEMBER_UNREACHABLE, 1);
            assertThat(server.count(Reason.UNREACHABLE)).isGreaterThanOrEqualTo(3);
            assertThat(server.count(Reason.SEND_FAILED)).isZero();
            forwardOne(sender, a, -1);
        }
    }

    /** More errors per turn than one call drains. */
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void aCrowdThatIsGoneIsRemovedAndTheOthersMissNothing(String host) throws IOException {
        UdpEndpointTest.assumeIpv6();
        int crowd = 300;
        var own = InetAddress.ofLiteral(host);
        try (var server = TestServer.start(settings("remove").set("host-address", host));
                var a = new TestPeer(server.address(), own);
                var sender = new TestPeer(server.address(), own)) {
            var gone = new ArrayList<TestPeer>();
            for (int i = 1; i <= crowd; i++) {
                gone.add(new TestPeer(server.address(), own));
                gone.getLast().register();
            }
            server.awaitMembers(crowd);
            gone.forEach(TestPeer::close);
            a.register();
            server.awaitMembers(crowd + 1L);
            long deadlineNs = System.nanoTime() + TestServer.LIMIT.toNanos();
            for (int i = 0; server.count(Counter.MEMBERS) > 1; i++) {
                assertThat(System.nanoTime()).isLessThan(deadlineNs);
                forwardOne(sender, a, i);
            }
            server.awaitCount(Reason.MEMBER_UNREACHABLE, crowd);
            assertThat(server.count(Reason.SEND_FAILED)).isZero();
        }
    }

    @Test
    void whereItIsKeptItIsOnlyCounted() throws IOException {
        try (var server = TestServer.start(settings("keep"));
                var a = server.member();
                var sender = server.peer()) {
            server.member().close();
            for (int i = 0; server.count(Reason.UNREACHABLE) < 6; i++) {
                forwardOne(sender, a, i);
            }
            server.awaitCount(Counter.MEMBERS, 2);
            assertThat(server.count(Reason.MEMBER_UNREACHABLE)).isZero();
        }
    }

    @Test
    void errorsBeforeSomethingCameFromItDoNotCount() {
        var registration = new Registration(null, false, false, null);
        long minuteNs = 60_000_000_000L;
        assertThat(registration.unreached(0)).isEqualTo(1);
        assertThat(registration.unreached(minuteNs)).isEqualTo(2);
        assertThat(registration.unreached(2 * minuteNs + 1)).isEqualTo(1);
        assertThat(registration.unreached(2 * minuteNs + 1)).isEqualTo(2);
        registration.heard(2 * minuteNs + 2);
        assertThat(registration.unreached(2 * minuteNs + 3)).isEqualTo(1);
    }
}
