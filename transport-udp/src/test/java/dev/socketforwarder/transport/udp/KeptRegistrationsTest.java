package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what goes on when an endpoint of the same name starts again. */
@BothPaths
@Timeout(60)
class KeptRegistrationsTest {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Parameter
    private IoPath io;

    private TestServer start(TestSettings settings, String state) throws IOException {
        var context = new TestContext("udp", settings, TestServer.groups());
        context.saveState(state.getBytes(StandardCharsets.UTF_8));
        return TestServer.start(new UdpTransport(), context);
    }

    private TestSettings settings() {
        return TestServer.settings(io);
    }

    private static String stateOf(TestServer server) {
        server.endpoint.stop(LIMIT);
        return new String(server.context.state(), StandardCharsets.UTF_8);
    }

    private static String now() {
        return "registrations-1 " + System.currentTimeMillis() + " \n";
    }

    @Test
    void membersHearAgainWithoutRegistering() throws IOException {
        String state;
        int port;
        try (var server = TestServer.start(settings());
                var a = server.member();
                var b = server.member()) {
            port = server.port();
            state = stateOf(server);
            try (var again = start(settings().set("port", port), state);
                    var outsider = again.peer()) {
                again.awaitMembers(2);
                outsider.isNextHeardBy(a, b);
                // Each still does not hear itself.
                a.send("by a");
                assertThat(b.receiveText()).isEqualTo("by a");
                outsider.isNextHeardBy(a, b);
            }
        }
    }

    @Test
    void theSenderThatRegisteredAnotherPortDoesNotHearItself() throws IOException {
        try (var server = TestServer.start(settings());
                var sender = server.peer();
                var receiver = server.peer()) {
            sender.register(receiver.port());
            server.awaitMembers(1);
            int port = server.port();
            try (var again = start(settings().set("port", port), stateOf(server));
                    var outsider = again.peer()) {
                again.awaitMembers(1);
                sender.send("not for the receiver");
                outsider.isNextHeardBy(receiver);
            }
        }
    }

    @Test
    void theRestOfTheLeaseGoesOn() throws IOException {
        var leased = settings().set("lease", "20s");
        long before = System.currentTimeMillis() - 19_500;
        try (var server = start(leased, "registrations-1 " + before + " \n127.0.0.1:9 127.0.0.1 0 127.0.0.1:9\n")) {
            server.awaitCount(Counter.JOINED, 1);
            server.awaitMembers(0); // half a second later
        }
    }

    @Test
    void whatIsOverDoesNotComeBack() throws IOException {
        var leased = settings().set("lease", "10s");
        try (var server = start(leased, now() + "127.0.0.1:9 127.0.0.1 10000 127.0.0.1:9\n")) {
            assertThat(server.count(Counter.JOINED)).isZero();
        }
    }

    @Test
    void preconfiguredMembersAreNotSaved() throws IOException {
        try (var server = TestServer.start(settings().set("preconfig-addresses", "127.0.0.1:9"))) {
            server.awaitCount(Counter.MEMBERS, 1);
            assertThat(stateOf(server)).isEmpty();
        }
    }

    @Test
    void limitsAndListsAndForbiddenTargetsHold() throws IOException {
        var text = new StringBuilder(now())
                .append("127.0.0.1:9 127.0.0.1 0 127.0.0.1:9\n")
                .append("127.0.0.1:10 127.0.0.1 0 127.0.0.1:10\n")
                .append("127.0.0.1:11 127.0.0.1 0 127.0.0.1:11\n") // one too many of this address
                .append("127.0.0.2:9 127.0.0.1 0 127.0.0.2:9\n") // denied
                .append("224.0.0.1:9 127.0.0.1 0 224.0.0.1:9\n")
                .append("0.0.0.0:9 127.0.0.1 0 0.0.0.0:9\n")
                .append("255.255.255.255:9 127.0.0.1 0 255.255.255.255:9\n");
        var limited = settings().set("max-registrations-per-address", 2).set("deny", "127.0.0.2");
        try (var server = start(limited, text.toString())) {
            server.awaitCount(Counter.MEMBERS, 2);
        }
    }

    @Test
    void theEndpointItselfIsNoMember() throws IOException {
        try (var first = TestServer.start(settings())) {
            int port = first.port();
            first.endpoint.stop(LIMIT);
            var own = "127.0.0.1:" + port;
            try (var server = start(settings().set("port", port), now() + own + " 127.0.0.1 0 " + own + "\n")) {
                assertThat(server.count(Counter.MEMBERS)).isZero();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                "registrations-2 0 \n127.0.0.1:9 127.0.0.1 0 127.0.0.1:9\n",
                "registrations-1 0 another group\n127.0.0.1:9 127.0.0.1 0 127.0.0.1:9\n",
                "registrations-1 99999999999999999999 \n127.0.0.1:9 127.0.0.1 0 127.0.0.1:9\n",
                "registrations-1 0 \n127.0.0.1:9 127.0.0.1 0\n",
                "registrations-1 0 \n127.0.0.1:9 127.0.0.1 -1 127.0.0.1:9\n",
                "registrations-1 0 \n127.0.0.1:0 127.0.0.1 0 127.0.0.1:9\n",
                "registrations-1 0 \nexample.org:9 127.0.0.1 0 127.0.0.1:9\n",
                "registrations-1 0 \n[::1%nowhere]:9 127.0.0.1 0 127.0.0.1:9\n",
                "\u0000\u0001\u0002"
            })
    void whatMakesNoSenseIsIgnored(String state) throws IOException {
        try (var server = start(settings(), state);
                var a = server.member();
                var outsider = server.peer()) {
            server.awaitCount(Counter.JOINED, 1);
            outsider.isNextHeardBy(a);
        }
    }
}
