package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests who may send, and who becomes a member by sending. */
@BothPaths
@Timeout(60)
class SenderTest {
    private static final String LEAVE = MemberSettings.DEFAULT_LEAVE_PREFIX;

    @Parameter
    private IoPath io;

    private TestSettings auto() {
        return TestServer.settings(io).set("registration", "auto");
    }

    @Test
    void withAutoWhoeverSendsIsAMember() throws IOException {
        try (var server = TestServer.start(auto());
                var a = server.peer();
                var b = server.peer();
                var c = server.peer()) {
            a.send("first");
            server.awaitMembers(1);
            b.send("");
            assertThat(a.receive()).isEmpty();
            c.register();
            server.awaitMembers(3);
            b.send("hello");
            assertThat(a.receiveText()).isEqualTo("hello");
            assertThat(c.receiveText()).isEqualTo("hello");
            c.send("to both");
            assertThat(a.receiveText()).isEqualTo("to both");
            assertThat(b.receiveText()).isEqualTo("to both");
        }
    }

    @Test
    void withAutoSilenceEndsAMembership() throws IOException {
        var clock = new TestClock();
        try (var server = clock.start(auto());
                var a = server.peer();
                var b = server.peer()) {
            a.send("once");
            server.awaitMembers(1);
            clock.pass(Duration.ofMinutes(2));
            b.send("later");
            server.awaitCount(Reason.LEASE_EXPIRED, 1);
            server.awaitCount(Counter.MEMBERS, 1);

            a.send("again");
            assertThat(b.receiveText()).isEqualTo("again");
            server.awaitMembers(2);
        }
    }

    @Test
    void withAutoWhoLeftIsAMemberAgainWhenItSends() throws IOException {
        try (var server = TestServer.start(auto());
                var a = server.peer();
                var b = server.peer()) {
            a.send("in");
            a.send(LEAVE);
            server.awaitCount(Reason.LEFT, 1);
            a.send("in again");
            server.awaitMembers(1);
            b.send("hello");
            assertThat(a.receiveText()).isEqualTo("hello");
        }
    }

    @Test
    void withAutoWhoRegistersAnotherPortIsServedThereAlone() throws IOException {
        try (var server = TestServer.start(auto());
                var sending = server.peer();
                var receiving = server.peer();
                var other = server.peer()) {
            sending.register(receiving.port());
            server.awaitMembers(1);
            sending.send("mine");
            other.send("other's");
            assertThat(receiving.receiveText()).isEqualTo("other's");
            server.awaitCount(Counter.JOINED, 2);
        }
    }

    @Test
    void withAutoWhoFindsNoPlaceMaySendAllTheSame() throws IOException {
        try (var server = TestServer.start(auto().set("max-registrations", 1));
                var a = server.member();
                var b = server.peer()) {
            b.send("hello");
            assertThat(a.receiveText()).isEqualTo("hello");
            server.awaitCount(Reason.TOO_MANY_REGISTRATIONS, 1);
        }
    }

    @Test
    void whereOnlyMembersMaySendOthersAreCounted() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("sender-policy", "registered"));
                var a = server.member();
                var b = server.member();
                var registrant = server.peer();
                var receiving = server.peer();
                var outsider = server.peer()) {
            for (int i = 0; i < 20; i++) {
                outsider.send("spam");
            }
            server.awaitCount(Reason.UNREGISTERED_SENDER, 20);
            assertThat(server.count(Counter.READS)).isZero();

            registrant.register(receiving.port());
            registrant.send("of a registrant");
            b.send("of a member");
            assertThat(a.receiveText()).isEqualTo("of a registrant");
            assertThat(a.receiveText()).isEqualTo("of a member");

            b.send(LEAVE);
            b.send("of nobody");
            server.awaitCount(Reason.UNREGISTERED_SENDER, 21);
        }
    }
}
