package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that a forwarder lends nobody its address: it never passes on a proof or a registration. */
@BothPaths
@Timeout(60)
class ReflectionTest {
    private static final String COOKIE = "SFCOOKIE:AZaz09-_AZa";

    @Parameter
    private IoPath io;

    @ParameterizedTest
    @ValueSource(strings = {"open", "auto", "challenge"})
    void aCookieGoesToNoMember(String mode) throws IOException {
        var settings = TestServer.settings(io)
                .set("registration", mode)
                .set("preconfig-addresses", "127.0.0.1:9")
                .set("echo", true);
        try (var server = TestServer.start(settings);
                var outsider = server.peer()) {
            outsider.send(COOKIE);
            server.awaitCount(Reason.REFLECTION, 1);
            assertThat(server.count(Counter.READS)).isZero();
            // Anything else is data.
            outsider.send(COOKIE + "x");
            outsider.send(COOKIE.substring(1));
            outsider.send("SFCOOKIE:AZaz09-_AZ:");
            TestServer.await(() -> server.count(Counter.READS) == 3, "data");
            server.awaitCount(Reason.REFLECTION, 1);
        }
    }

    @Test
    void aStrangerCannotProveThatAForwarderWantsToBeAMember() throws IOException {
        var settings = TestServer.settings(io).set("registration", "challenge");
        try (var server = TestServer.start(settings);
                var other = TestServer.start(settings);
                var member = other.peer();
                var stranger = server.peer()) {
            member.register();
            member.register(member.receiveText().substring("SFCOOKIE".length()));
            other.awaitMembers(1);

            stranger.register(other.port());
            other.awaitCount(Reason.REFLECTION, 1);
            try (var outsider = other.peer()) {
                outsider.isNextHeardBy(member);
            }
            assertThat(server.count(Counter.JOINED)).isZero();
        }
    }

    @Test
    void aRegistrationForOtherForwardersGoesToNoMemberThatMayBeOne() throws IOException {
        var settings = TestServer.settings(io).set("new-client-prefix", "JOIN ").set("leave-prefix", "LEAVE ");
        try (var next = TestServer.start(io);
                var server = TestServer.start(settings);
                var registrant = server.peer();
                var stranger = server.peer()) {
            registrant.send("JOIN " + next.port());
            server.awaitMembers(1);
            stranger.register();
            stranger.send(MemberSettings.DEFAULT_LEAVE_PREFIX);
            server.awaitCount(Reason.REFLECTION, 2);
            stranger.send("data");
            TestServer.await(() -> next.count(Counter.READS) == 1, "data");
            assertThat(next.count(Counter.JOINED)).isZero();
        }
    }
}
