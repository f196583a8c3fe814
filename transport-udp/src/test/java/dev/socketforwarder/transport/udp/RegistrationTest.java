package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests registrations and which datagrams their senders get. */
@BothPaths
@Timeout(60)
class RegistrationTest {
    @Parameter
    private IoPath io;

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void nothingAfterThePrefixRegistersTheSourcePort(String end) throws IOException {
        try (var server = TestServer.start(io);
                var a = server.peer();
                var outsider = server.peer()) {
            a.register(end);
            server.awaitMembers(1);

            outsider.send("hello");
            assertThat(a.receiveText()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void aPortRegistersTheSendersAddressWithThatPort(String end) throws IOException {
        try (var server = TestServer.start(io);
                var receiver = server.peer();
                var registrant = server.peer();
                var outsider = server.peer()) {
            registrant.register(receiver.port() + end);
            server.awaitMembers(1);

            outsider.send("hello");
            assertThat(receiver.receiveText()).isEqualTo("hello");
        }
    }

    @Test
    void aConfiguredPrefixReplacesTheUsualOne() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("new-client-prefix", "ÄHELLO "));
                var a = server.peer();
                var outsider = server.peer()) {
            a.send("ÄHELLO ");
            server.awaitMembers(1);

            outsider.register();
            assertThat(a.receiveText()).isEqualTo(UdpSettings.DEFAULT_PREFIX);
        }
    }

    @Test
    void aSecondRegistrationOfAnAddressOnlyRefreshesIt() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer();
                var stranger = server.peer()) {
            a.register();
            a.register(a.port());
            outsider.register(a.port());
            stranger.isNextHeardBy(a);

            server.awaitCount(Counter.MEMBERS, 1);
            server.awaitCount(Counter.JOINED, 1);
        }
    }

    @Test
    void whatARegistrantSendsDoesNotReachWhatItRegistered() throws IOException {
        try (var server = TestServer.start(io);
                var receiver = server.peer();
                var registrant = server.peer();
                var other = server.member();
                var outsider = server.peer()) {
            registrant.register(receiver.port());
            server.awaitMembers(2);

            registrant.send("mine");
            assertThat(other.receiveText()).isEqualTo("mine");
            outsider.isNextHeardBy(receiver);
        }
    }

    @Test
    void onlyTheLastRegistrationOfARegistrantIsLeftOut() throws IOException {
        try (var server = TestServer.start(io);
                var first = server.peer();
                var second = server.peer();
                var registrant = server.peer();
                var outsider = server.peer()) {
            registrant.register(first.port());
            registrant.register(second.port());
            server.awaitMembers(2);

            registrant.send("mine");
            assertThat(first.receiveText()).isEqualTo("mine");
            outsider.isNextHeardBy(second);
        }
    }

    @Test
    void aRegistrantThatIsAMemberGetsNothingBackAtEitherAddress() throws IOException {
        try (var server = TestServer.start(io);
                var receiver = server.peer();
                var registrant = server.member();
                var other = server.member();
                var outsider = server.peer()) {
            registrant.register(receiver.port());
            server.awaitMembers(3);

            registrant.send("mine");
            assertThat(other.receiveText()).isEqualTo("mine");
            outsider.isNextHeardBy(receiver, registrant);
        }
    }

    @Test
    void severalRegistrantsOfOneAddressAreAllRemembered() throws IOException {
        try (var server = TestServer.start(io);
                var receiver = server.peer();
                var first = server.peer();
                var second = server.peer();
                var other = server.member();
                var outsider = server.peer()) {
            first.register(receiver.port());
            second.register(receiver.port());
            server.awaitMembers(2);

            first.send("1");
            second.send("2");
            assertThat(other.receiveText()).isEqualTo("1");
            assertThat(other.receiveText()).isEqualTo("2");
            outsider.isNextHeardBy(receiver);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "00000",
                "65536",
                "99999",
                "100000",
                "-1",
                "+1",
                " 1",
                "1 ",
                "1.0",
                "0x10",
                "port",
                "1\n\n",
                "1\r",
                "1\nx",
                "\n\n",
                "\r",
                "٣",
                "1\0",
                "4000\r\nHELLO"
            })
    void whatIsNoPortIsRefusedAndNeverForwarded(String argument) throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            outsider.register(argument);
            server.awaitCount(Reason.BAD_PORT, 1);

            outsider.isNextHeardBy(a);
            server.awaitCount(Counter.JOINED, 1);
        }
    }

    @Test
    void oneMoreThanTheLimitIsRefusedWhileThoseThereMayRefresh() throws IOException {
        try (var server = TestServer.start(
                        TestServer.settings(io).set("max-registrations", 2).set("max-registrations-per-address", 0));
                var a = server.member();
                var b = server.member();
                var late = server.peer()) {
            late.register();
            server.awaitCount(Reason.TOO_MANY_REGISTRATIONS, 1);
            a.register();
            b.register();

            late.send("data");
            assertThat(a.receiveText()).isEqualTo("data");
            assertThat(b.receiveText()).isEqualTo("data");
            server.awaitCount(Reason.TOO_MANY_REGISTRATIONS, 1);
        }
    }
}
