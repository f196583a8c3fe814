package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests each setting that changes while the endpoint runs, under members that stay. */
@BothPaths
@Timeout(60)
class AdoptTest {
    private static final String LEAVE = MemberSettings.DEFAULT_LEAVE_PREFIX;
    private static final InetSocketAddress ANYWHERE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9);

    private final TestClock clock = new TestClock();

    @Parameter
    private IoPath io;

    private TestSettings settings() {
        return TestServer.settings(io);
    }

    @Test
    void thePrefixes() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.peer()) {
            assertThat(server.adopt(settings().set("new-client-prefix", "COME:").set("leave-prefix", "GO:")))
                    .isTrue();
            b.send("COME:");
            server.awaitMembers(2);
            b.send("data");
            assertThat(a.receiveText()).isEqualTo("data");
            // Still no data, since other forwarders use it.
            b.register();
            server.awaitCount(Counter.READS, 2);
            assertThat(a.receiveText()).startsWith("SOCKETFORWARDER-NEW");
            a.send("GO:");
            server.awaitMembers(1);
            server.awaitCount(Reason.LEFT, 1);
        }
    }

    @Test
    void theHandshake() throws IOException {
        var token = "0123456789abcdef0123456789abcdef";
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.peer()) {
            assertThat(server.adopt(settings().set("handshake", "token").set("token-secret", token)))
                    .isTrue();
            b.register();
            server.awaitCount(Reason.BAD_TOKEN, 1);
            b.isNextHeardBy(a);
            server.awaitCount(Counter.MEMBERS, 1);

            assertThat(server.adopt(settings())).isTrue();
            b.register();
            server.awaitMembers(2);
        }
    }

    /** What came before the change is handled by the rules of its time. */
    @Test
    void whatTheKernelHoldsIsHandledAsBefore() throws Exception {
        var isHeld = new CountDownLatch(1);
        var held = new CountDownLatch(1);
        try (var server = clock.start(settings());
                var a = server.member();
                var b = server.peer();
                var c = server.peer()) {
            clock.holdNext(() -> {
                isHeld.countDown();
                held.await();
                return null;
            });
            c.send("stop");
            isHeld.await();
            for (int i = 0; i < 200; i++) {
                c.send("" + i);
            }
            b.register();
            c.send("last");
            var adopted = new CompletableFuture<Boolean>();
            var changed = settings().set("new-client-prefix", "COME:").set("sender-policy", "registered");
            var adopting = Thread.ofPlatform().start(() -> adopted.complete(server.adopt(changed)));
            TestServer.await(() -> adopting.getState() == Thread.State.TIMED_WAITING, "a change that waits");
            held.countDown();
            assertThat(adopted.get()).isTrue();
            server.awaitMembers(2);
            assertThat(b.receiveText()).isEqualTo("last");
            assertThat(a.receiveUntil("last")).hasSize(201);
            assertThat(server.count(Reason.UNREGISTERED_SENDER)).isZero();
        }
    }

    @Test
    void theAddressesThatAreDeniedAndAllowed() throws IOException {
        var everywhere = settings().set("host-address", "0.0.0.0");
        try (var server = TestServer.start(everywhere);
                var a = server.member();
                var other = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.2"))) {
            other.register();
            server.awaitMembers(2);
            assertThat(server.adopt(settings().set("host-address", "0.0.0.0").set("deny", "127.0.0.2")))
                    .isTrue();
            other.send("denied");
            server.awaitCount(Reason.DENIED_ADDRESS, 1);
            a.send("it stays a member");
            assertThat(other.receiveText()).isEqualTo("it stays a member");

            assertThat(server.adopt(settings().set("host-address", "0.0.0.0").set("allow", "127.0.0.2")))
                    .isTrue();
            other.isNextHeardBy(a);
            a.send("denied");
            server.awaitCount(Reason.DENIED_ADDRESS, 2);
        }
    }

    @Test
    void whoMaySend() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.member();
                var outsider = server.peer()) {
            assertThat(server.adopt(settings().set("sender-policy", "registered")))
                    .isTrue();
            outsider.send("refused");
            server.awaitCount(Reason.UNREGISTERED_SENDER, 1);
            b.isNextHeardBy(a);
            assertThat(server.adopt(settings())).isTrue();
            outsider.isNextHeardBy(a, b);
        }
    }

    @Test
    void howMuchEachMaySend() throws IOException {
        try (var server = clock.start(settings());
                var a = server.member();
                var b = server.member();
                var outsider = server.peer()) {
            assertThat(server.adopt(settings().set("sender-rate", 3))).isTrue();
            for (int i = 0; i < 5; i++) {
                b.send("" + i);
                outsider.send("" + i);
            }
            server.awaitCount(Reason.SENDER_RATE, 4);

            clock.pass(Duration.ofSeconds(1));
            assertThat(server.adopt(settings().set("sender-rate", 1))).isTrue();
            b.send("one");
            b.send("too many");
            server.awaitCount(Reason.SENDER_RATE, 5);

            clock.pass(Duration.ofSeconds(1));
            assertThat(server.adopt(settings().set("sender-rate", 100))).isTrue();
            for (int i = 0; i < 100; i++) {
                b.send("many");
            }
            b.send("too many");
            server.awaitCount(Reason.SENDER_RATE, 6);

            assertThat(server.adopt(settings())).isTrue();
            b.send("last");
            assertThat(a.receiveUntil("last")).hasSize(6 + 1 + 100);
        }
    }

    @Test
    void howAnAddressBecomesAMember() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.peer();
                var c = server.peer()) {
            assertThat(server.adopt(settings().set("registration", "challenge")))
                    .isTrue();
            b.register(b.port());
            var cookie = b.receiveText();
            assertThat(cookie).startsWith("SFCOOKIE:");
            server.awaitCount(Counter.MEMBERS, 1);

            // The cookie stays valid.
            assertThat(server.adopt(settings().set("registration", "challenge").set("echo", "true")))
                    .isTrue();
            b.register(b.port() + ":" + cookie.substring("SFCOOKIE:".length()));
            server.awaitMembers(2);

            assertThat(server.adopt(settings().set("registration", "auto"))).isTrue();
            c.send("hello");
            server.awaitMembers(3);
            assertThat(a.receiveText()).isEqualTo("hello");
            assertThat(b.receiveText()).isEqualTo("hello");
        }
    }

    @Test
    void howManyMayRegister() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.member();
                var c = server.peer();
                var outsider = server.peer()) {
            assertThat(server.adopt(settings().set("max-registrations", 1))).isTrue();
            c.register();
            server.awaitCount(Reason.TOO_MANY_REGISTRATIONS, 1);
            a.register();
            outsider.isNextHeardBy(a, b);

            assertThat(server.adopt(settings().set("max-registrations-per-address", 2)))
                    .isTrue();
            c.register();
            server.awaitCount(Reason.TOO_MANY_FROM_ADDRESS, 1);
            outsider.isNextHeardBy(a, b);

            assertThat(server.adopt(settings())).isTrue();
            c.register();
            server.awaitMembers(3);
            outsider.isNextHeardBy(a, b, c);
        }
    }

    @Test
    void howFastTheyMayRegister() throws IOException {
        try (var server = clock.start(settings());
                var a = server.member();
                var b = server.peer();
                var c = server.peer()) {
            assertThat(server.adopt(settings().set("registration-rate", 1))).isTrue();
            b.register();
            c.register();
            server.awaitMembers(2);
            server.awaitCount(Reason.REGISTRATION_RATE, 1);
            assertThat(server.adopt(settings())).isTrue();
            c.register();
            server.awaitMembers(3);
            a.isNextHeardBy(b, c);
        }
    }

    @Test
    void aLeaseBeginsAnewWhenItChanges() throws IOException {
        try (var server = clock.start(settings());
                var silent = server.member();
                var talking = server.member();
                var outsider = server.peer()) {
            clock.pass(Duration.ofDays(1));
            assertThat(server.adopt(settings().set("lease", "10s"))).isTrue();
            outsider.isNextHeardBy(silent, talking);

            clock.pass(Duration.ofSeconds(8));
            // Nothing about the lease changes.
            assertThat(server.adopt(settings().set("lease", "10s").set("deny", "192.0.2.1")))
                    .isTrue();
            talking.isNextHeardBy(silent);
            clock.pass(Duration.ofSeconds(8));
            outsider.send("tick");
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            server.awaitMembers(1);

            assertThat(server.adopt(settings())).isTrue();
            clock.pass(Duration.ofDays(1));
            assertThat(talking.receiveText()).isEqualTo("tick");
            outsider.isNextHeardBy(talking);
        }
    }

    @Test
    void howAnUnreachableMemberIsTreated() throws IOException {
        try (var server = TestServer.start(TestServer.settings(IoPath.NATIVE));
                var a = server.member();
                var sender = server.peer()) {
            server.member().close();
            while (server.count(Reason.UNREACHABLE) < 5) {
                sender.isNextHeardBy(a);
            }
            server.awaitCount(Counter.MEMBERS, 2);
            assertThat(server.adopt(TestServer.settings(IoPath.NATIVE)
                            .set("unreachable", "remove")
                            .set("unreachable-threshold", 3)))
                    .isTrue();
            while (server.count(Counter.MEMBERS) > 1) {
                sender.isNextHeardBy(a);
            }
            server.awaitCount(Reason.MEMBER_UNREACHABLE, 1);
        }
    }

    @Test
    void whetherASenderGetsItsOwn() throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.member()) {
            a.isNextHeardBy(b);
            assertThat(server.adopt(settings().set("echo", "true"))).isTrue();
            a.isNextHeardBy(a, b);
            assertThat(server.adopt(settings())).isTrue();
            a.isNextHeardBy(b);
            b.isNextHeardBy(a);
        }
    }

    @Test
    void thePreconfiguredMembers() throws IOException {
        try (var kept = new TestPeer(ANYWHERE);
                var gone = new TestPeer(ANYWHERE);
                var fresh = new TestPeer(ANYWHERE);
                var server = TestServer.start(settings()
                        .set("preconfig-addresses", "127.0.0.1:" + kept.port() + ",127.0.0.1:" + gone.port()));
                var a = server.member();
                var outsider = server.peer()) {
            assertThat(server.adopt(settings()
                            .set("preconfig-addresses", "127.0.0.1:" + fresh.port() + ",localhost:" + kept.port())))
                    .isTrue();
            server.awaitCount(Reason.MOVED, 1);
            server.awaitMembers(3);
            outsider.isNextHeardBy(a, kept, fresh);

            assertThat(server.adopt(settings())).isTrue();
            server.awaitMembers(1);
            outsider.isNextHeardBy(a);
        }
    }

    /** A name server that fails during a reload costs no member. */
    @Test
    void aNameThatIsKnownKeepsItsAddress() throws IOException {
        var known = new AtomicBoolean(true);
        var machine = TestMachine.withNames(
                host -> {
                    if (!known.get()) {
                        throw new IOException(host + " is not known");
                    }
                    return List.of(ANYWHERE.getAddress());
                },
                Duration.ofMillis(10));
        try (var first = new TestPeer(ANYWHERE);
                var second = new TestPeer(ANYWHERE);
                var server = TestServer.start(
                        new UdpTransport(machine),
                        new TestContext(
                                "udp",
                                settings().set("preconfig-addresses", "a.example:" + first.port()),
                                TestServer.groups()));
                var outsider = server.peer()) {
            known.set(false);
            assertThat(server.adopt(settings()
                            .set("preconfig-addresses", "a.example:" + first.port() + ",b.example:" + second.port())))
                    .isTrue();
            outsider.isNextHeardBy(first);
            // The new name is followed.
            known.set(true);
            server.awaitMembers(2);
            outsider.isNextHeardBy(first, second);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "port, 9",
        "host-address, 127.0.0.2",
        "sockets, 2",
        "io, auto",
        "receive-buffer, 64KiB",
        "send-buffer, 64KiB",
        "max-read-in-size, 100",
        "group, shared",
        "interface, lo",
        "preconfig-addresses, 192.0.2.1:5000 SELF",
        "preconfig-addresses, [::1]:5000",
        "multicast-members, [ff05::1:2]:5000"
    })
    void whatConcernsSocketsIsLeftToANewStart(String key, String value) throws IOException {
        try (var server = TestServer.start(settings());
                var a = server.member();
                var outsider = server.peer()) {
            var text = value.replace("SELF", ",127.0.0.1:" + server.port()).replace(" ", "");
            assertThat(server.adopt(settings().set(key, text).set("new-client-prefix", "COME:")))
                    .isFalse();
            outsider.register();
            server.awaitMembers(2);
            a.isNextHeardBy(outsider);
        }
    }

    @Test
    void preconfiguredMembersThatFindNoRoomAreLeftToANewStart() throws IOException {
        try (var server = TestServer.start(settings().set("max-registrations", 2));
                var a = server.member();
                var b = server.member();
                var outsider = server.peer()) {
            assertThat(server.adopt(settings().set("max-registrations", 2).set("preconfig-addresses", "127.0.0.1:9")))
                    .isFalse();
            outsider.isNextHeardBy(a, b);
        }
    }

    @Test
    void oneThatDoesNotRunAdoptsNothing() throws IOException {
        var server = TestServer.start(settings());
        server.close();
        assertThat(server.adopt(settings().set("echo", "true"))).isFalse();
    }
}
