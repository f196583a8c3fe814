package dev.socketforwarder.transport.udp.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.BothPaths;
import dev.socketforwarder.transport.udp.TestClock;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.TestSettings;
import dev.socketforwarder.transport.udp.settings.ControlTexts;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests registrations with a challenge. */
@BothPaths
@Timeout(60)
class ChallengeTest {
    private static final String REGISTER = UdpSettings.DEFAULT_PREFIX;
    private static final String LEAVE = MemberSettings.DEFAULT_LEAVE_PREFIX;
    private static final String TOKEN = "a-secret-that-is-shared";

    @Parameter
    private IoPath io;

    private TestSettings challenge() {
        return TestServer.settings(io).set("registration", "challenge");
    }

    /** {@return the cookie, with the colon before it} */
    private static String cookie(TestPeer at) throws IOException {
        var answer = at.receiveText();
        assertThat(answer).matches("SFCOOKIE:[A-Za-z0-9_-]{11}").hasSize(20);
        return answer.substring("SFCOOKIE".length());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void onlyWhoReceivesTheCookieIsAMember(String end) throws IOException {
        try (var server = TestServer.start(challenge());
                var a = server.peer();
                var outsider = server.peer()) {
            a.register(end);
            var cookie = cookie(a);
            assertThat(server.count(Counter.JOINED)).isZero();
            server.awaitCount(Counter.CHALLENGED, 1);

            a.register(cookie + end);
            server.awaitMembers(1);
            outsider.isNextHeardBy(a);

            a.send(LEAVE + end);
            a.send(LEAVE + cookie(a) + end);
            server.awaitCount(Reason.LEFT, 1);
        }
    }

    @Test
    void theCookieGoesToTheAddressToBeRegistered() throws IOException {
        try (var server = TestServer.start(challenge());
                var receiver = server.peer();
                var registrant = server.peer();
                var outsider = server.peer()) {
            registrant.register(receiver.port());
            registrant.register(receiver.port() + cookie(receiver));
            server.awaitMembers(1);
            outsider.isNextHeardBy(receiver);

            registrant.send(LEAVE + receiver.port());
            registrant.send(LEAVE + receiver.port() + cookie(receiver));
            server.awaitMembers(0);
        }
    }

    @Test
    void aCookieOfAnotherAddressOrAnotherTimeIsRefused() throws IOException {
        var clock = new TestClock();
        try (var server = clock.start(challenge().set("host-address", "0.0.0.0"));
                var a = server.peer();
                var b = server.peer();
                var elsewhere = new TestPeer(server.address(), InetAddress.ofLiteral("127.0.0.2"))) {
            a.register();
            var cookie = cookie(a);
            b.register(cookie);
            server.awaitCount(Reason.BAD_COOKIE, 1);
            elsewhere.register(a.port() + cookie);
            server.awaitCount(Reason.BAD_COOKIE, 2);
            a.register(":AAAAAAAAAAA");
            server.awaitCount(Reason.BAD_COOKIE, 3);
            clock.pass(Cookies.VALID.multipliedBy(2));
            a.register(cookie);
            server.awaitCount(Reason.BAD_COOKIE, 4);
            a.send(LEAVE + cookie);
            server.awaitCount(Reason.BAD_COOKIE, 5);
            assertThat(server.count(Counter.JOINED)).isZero();

            a.register();
            a.register(cookie(a));
            server.awaitMembers(1);
        }
    }

    @Test
    void nobodyEndsARegistrationWithoutItsCookie() throws IOException {
        try (var server = TestServer.start(challenge());
                var a = server.peer();
                var other = server.peer()) {
            a.register();
            a.register(cookie(a));
            server.awaitMembers(1);

            other.send(LEAVE + a.port());
            cookie(a);
            other.isNextHeardBy(a);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"4000:short", ":AAAAAAAAAAA:", ":AAAAA AAAAA", "4000:AAAAAAAAAAAA", "x:AAAAAAAAAAA", "x"})
    void whatHasNotTheFormIsRefusedAndNotAnswered(String argument) throws IOException {
        try (var server = TestServer.start(challenge());
                var a = server.peer()) {
            a.register(argument);
            server.awaitCount(Reason.BAD_PORT, 1);
            assertThat(server.count(Counter.CHALLENGED)).isZero();
        }
    }

    @Test
    void noCookieIsSentToTheForwarderItself() throws IOException {
        try (var server = TestServer.start(challenge());
                var a = server.peer()) {
            a.register(server.port());
            server.awaitCount(Reason.FORBIDDEN_TARGET, 1);
            assertThat(server.count(Counter.CHALLENGED)).isZero();
        }
    }

    @Test
    void aTokenStandsBeforeThePort() throws IOException {
        var settings = challenge().set("handshake", "token").set("token-secret", TOKEN);
        try (var server = TestServer.start(settings);
                var a = server.peer();
                var outsider = server.peer()) {
            a.register();
            a.register("another-secret-of-somebody:");
            a.register(":AAAAAAAAAAA");
            server.awaitCount(Reason.BAD_TOKEN, 3);
            assertThat(server.count(Counter.CHALLENGED)).isZero();

            a.register(TOKEN + ":" + a.port());
            var cookie = cookie(a);
            a.register(a.port() + cookie);
            server.awaitCount(Reason.BAD_TOKEN, 4);
            a.register(TOKEN + ":" + a.port() + cookie);
            server.awaitMembers(1);
            outsider.isNextHeardBy(a);

            a.send(LEAVE + cookie);
            server.awaitCount(Reason.BAD_TOKEN, 5);
            a.send(LEAVE + TOKEN + ":" + cookie);
            server.awaitMembers(0);
        }
    }

    @Test
    void aTokenStandsBeforeThePortWithoutAChallengeToo() throws IOException {
        var settings = TestServer.settings(io).set("handshake", "token").set("token-secret", TOKEN);
        try (var server = TestServer.start(settings);
                var a = server.peer()) {
            a.register(TOKEN + ":" + a.port());
            server.awaitMembers(1);
            a.send(LEAVE + a.port());
            server.awaitCount(Reason.BAD_TOKEN, 1);
            a.send(LEAVE + TOKEN + ":");
            server.awaitMembers(0);
        }
    }

    @Test
    void aChallengeIsItsPrefixAndACookie() {
        assertThat(MemberSettings.CHALLENGE_BYTES).isEqualTo(ControlTexts.COOKIE_PREFIX.length + Cookies.LENGTH);
    }
}
