package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.Registry;
import dev.socketforwarder.transport.udp.members.SenderRates;
import dev.socketforwarder.transport.udp.members.StrangerRates;
import dev.socketforwarder.transport.udp.members.TokenBucket;
import dev.socketforwarder.transport.udp.members.TurnClock;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests the limits on registrations and on sending. */
@BothPaths
@Timeout(60)
class LimitsTest {
    private final TestClock clock = new TestClock();

    @Parameter
    private IoPath io;

    @Test
    void anAddressHasSoManyRegistrations() throws IOException {
        var settings =
                TestServer.settings(io).set("max-registrations-per-address", 2).set("host-address", "0.0.0.0");
        try (var server = TestServer.start(settings);
                var a = server.member();
                var b = server.member();
                var late = server.peer();
                var elsewhere = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.2"))) {
            late.register();
            server.awaitCount(Reason.TOO_MANY_FROM_ADDRESS, 1);
            a.register();
            elsewhere.register();
            server.awaitMembers(3);

            b.send(MemberSettings.DEFAULT_LEAVE_PREFIX);
            late.register();
            server.awaitCount(Reason.LEFT, 1);
            server.awaitMembers(3);
            elsewhere.isNextHeardBy(a, late);
        }
    }

    @Test
    void oneAddressLeavesAQuarterOfTheRegistrationsToOthers() throws IOException {
        var settings = TestServer.settings(io).set("max-registrations", 4).set("host-address", "0.0.0.0");
        try (var server = TestServer.start(settings);
                var a = server.member();
                var b = server.member();
                var c = server.member();
                var late = server.peer();
                var elsewhere = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.2"))) {
            late.register();
            server.awaitCount(Reason.TOO_MANY_FROM_ADDRESS, 1);
            elsewhere.register();
            server.awaitMembers(4);
            elsewhere.isNextHeardBy(a, b, c);
        }
    }

    @Test
    void registrationsComeNoFasterThanTheyMay() throws IOException {
        try (var server = clock.start(TestServer.settings(io).set("registration-rate", 2));
                var a = server.member();
                var b = server.member();
                var late = server.peer()) {
            late.register();
            server.awaitCount(Reason.REGISTRATION_RATE, 1);
            // A refresh is always allowed.
            a.register();
            late.isNextHeardBy(a, b);
            server.awaitCount(Reason.REGISTRATION_RATE, 1);

            clock.pass(Duration.ofMillis(500));
            late.register();
            server.awaitMembers(3);
        }
    }

    @Test
    void aSenderSendsNoFasterThanItMay() throws IOException {
        try (var server = clock.start(TestServer.settings(io).set("sender-rate", 10));
                var listener = server.member();
                var member = server.member();
                var outsider = server.peer()) {
            // Registrations count as datagrams too.
            clock.pass(Duration.ofSeconds(1));
            for (int i = 0; i < 15; i++) {
                outsider.send("o" + i);
                member.send("m" + i);
            }
            server.awaitCount(Reason.SENDER_RATE, 5 + 5);
            server.awaitCount(Counter.READS, 20);

            clock.pass(Duration.ofMillis(200));
            outsider.send("o");
            outsider.send("o");
            outsider.send("o");
            member.send("last");
            server.awaitCount(Reason.SENDER_RATE, 11);
            for (int i = 0; i < 22; i++) {
                assertThat(listener.receiveText()).matches("[om][0-9]|o");
            }
            assertThat(listener.receiveText()).isEqualTo("last");
        }
    }

    @Test
    void aCountIsRightWhereTheClockWraps() {
        long secondNs = Duration.ofSeconds(1).toNanos();
        var bucket = new TokenBucket(Long.MAX_VALUE - secondNs);
        for (int i = 0; i < 3; i++) {
            // The clock wraps in the second round.
            long nowNs = Long.MAX_VALUE - secondNs + 1 + i * secondNs;
            assertThat(bucket.take(2, nowNs)).isTrue();
            assertThat(bucket.take(2, nowNs)).isTrue();
            assertThat(bucket.take(2, nowNs)).isFalse();
        }
    }

    @Test
    void toLeaveAndRegisterAgainGivesNoMore() throws IOException {
        int rounds = 5;
        try (var server = clock.start(TestServer.settings(io).set("sender-rate", 10));
                var peer = server.peer()) {
            for (int i = 0; i < rounds; i++) {
                peer.register();
                for (int k = 0; k < 3; k++) {
                    peer.send("" + k);
                }
                peer.send(MemberSettings.DEFAULT_LEAVE_PREFIX);
            }
            // The tokens left from the first round went with the registration.
            server.awaitCount(Reason.SENDER_RATE, (rounds - 1) * 5);
            server.awaitCount(Counter.READS, 3);
        }
    }

    @Test
    void nobodyCanChooseWithWhomToShareACount() {
        var strangers = new StrangerRates();
        var counts = new HashSet<TokenBucket>();
        var hashCodes = new HashSet<Integer>();
        for (int i = 1; i <= 100; i++) {
            var four = new InetSocketAddress(InetAddress.ofLiteral("10.0.0." + i), 2000 - i);
            var six = new InetSocketAddress(InetAddress.ofLiteral("2001:db8::" + i + ":0:" + (1000 - i)), 2000);
            counts.add(strangers.of(four, 0));
            hashCodes.add(four.hashCode());
            counts.add(strangers.of(six, 0));
        }
        assertThat(hashCodes).hasSize(1);
        // Of 200 senders in 4096 places a few collide.
        assertThat(counts).hasSizeGreaterThan(170);
    }

    @Test
    void howeverManySendersThereAreTheirCountsAreBounded() {
        var turn = new TurnClock(clock);
        var context = new TestContext("udp", TestServer.settings(io), TestServer.groups());
        var settings = UdpSettings.read(context.settings());
        var registrations = new Registrations(
                new Registry(settings.members(), 0),
                context,
                settings,
                new ListeningAddresses(new LocalInterfaces()),
                Runnable::run,
                turn);
        var rates = new SenderRates(1, new StrangerRates(), turn, registrations.senders());
        int admitted = 0;
        for (int i = 0; i < 100_000; i++) {
            var ip = ByteBuffer.allocate(4).putInt(i).array();
            if (rates.admit(new InetSocketAddress(TestPeer.address(ip), 1 + i % 60_000))) {
                admitted++;
            }
        }
        assertThat(admitted).isBetween(1000, 4096);
    }
}
