package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionTest {

    @Test
    void aDeniedAddressIsClosedBeforeAByteIsRead() throws IOException {
        try (var server = new TestServer(Map.of("deny", List.of("127.0.0.0/8")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
            server.awaitNoConnections();
        }
    }

    @Test
    void otherRulesHoldForThoseWhoComeAfterwards() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var sender = server.join("g");
            var receiver = server.join("g");
            var changed = new TestContext(Map.of("port", 0, "deny", List.of("127.0.0.0/8")));
            var streams = server.context.streams();

            streams.adopt(changed.rules(changed.handshake(List.of("prefix"))));

            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
            sender.send("still here");
            assertThat(receiver.readText(10)).isEqualTo("still here");
        }
    }

    @Test
    void onlyAllowedAddressesComeInWhereSomeAreAllowed() throws IOException {
        try (var server = new TestServer(Map.of("allow", List.of("10.0.0.0/8", "::1")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
        try (var server = new TestServer(Map.of("allow", List.of("10.0.0.0/8", "127.0.0.1")))) {
            server.join("g");
            server.awaitAtLeast(Counter.JOINED, 1);
        }
    }

    @Test
    void aDeniedAddressIsSoEvenIfItIsAllowed() throws IOException {
        try (var server = new TestServer(Map.of("allow", List.of("127.0.0.0/8"), "deny", List.of("127.0.0.1")))) {
            server.connect().awaitClosed();
            server.awaitOnce(Reason.DENIED_ADDRESS);
        }
    }

    @Test
    void aListThatHoldsNoAddressIsAnError() {
        var context = new TestContext(Map.of("port", 0, "allow", List.of("localhost")));
        assertThatThrownBy(() -> context.streams(List.of("prefix"))).isInstanceOf(SettingException.class);
    }

    @Test
    void oneConnectionTooManyIsClosedAtOnceAndTheNextFreePlaceIsUsableAtOnce() throws IOException {
        try (var server = new TestServer(Map.of("max-connections", 2, "max-connections-per-address", 0))) {
            var first = server.join("g");
            var second = server.join("g");
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_CONNECTIONS);

            second.close();
            server.awaitMembers(1);
            server.join("g").send("hello");
            assertThat(first.readText(5)).isEqualTo("hello");
        }
    }

    @Test
    void noMoreFirstMessagesAreAwaitedThanAllowed() throws IOException {
        try (var server = new TestServer(Map.of("max-first-messages", 1, "max-connections-per-address", 0))) {
            var waiting = server.connect();
            server.awaitAtLeast(Counter.CONNECTIONS, 1);
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FIRST_MESSAGES);

            waiting.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(1);
            server.join("g");
            server.connect().send("nonsense\n");
            server.awaitOnce(Reason.WRONG_PREFIX);
            server.join("g");
        }
    }

    @Test
    void anAddressHasNoMoreConnectionsThanAllowed() throws IOException {
        try (var server = new TestServer(Map.of("max-connections-per-address", 1))) {
            var first = server.join("g");
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FROM_ADDRESS);
            first.close();
            server.awaitNoConnections();
            server.join("g");
        }
    }

    @Test
    void oneAddressLeavesAQuarterOfThePlacesToOthers() throws IOException {
        try (var server = everywhere(Map.of("max-connections", 8))) {
            for (int i = 0; i < 6; i++) {
                server.join("g");
            }
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FROM_ADDRESS);
            try (var other = from("127.0.0.2", server)) {
                other.send(TestContext.PREFIX + "g\n");
                server.awaitMembers(7);
            }
        }
    }

    @Test
    void oneAddressLeavesAQuarterOfTheFirstMessagesToOthers() throws IOException {
        try (var server = everywhere(Map.of("max-first-messages", 4))) {
            for (int i = 0; i < 3; i++) {
                server.connect();
                server.awaitAtLeast(Counter.CONNECTIONS, i + 1);
            }
            server.connect().awaitClosed();
            server.awaitOnce(Reason.TOO_MANY_FROM_ADDRESS);
        }
    }

    @ParameterizedTest
    @CsvSource({"max-first-messages,TOO_MANY_FIRST_MESSAGES", "max-connections,TOO_MANY_CONNECTIONS"})
    void theOldestThatHasNotJoinedMakesRoomFromTheAddressThatHoldsMost(String limit, Reason reason) throws IOException {
        try (var server = everywhere(Map.of(limit, 4));
                var oldest = from("127.0.0.2", server);
                var second = from("127.0.0.2", server);
                var third = from("127.0.0.2", server);
                var single = from("127.0.0.3", server)) {
            server.awaitAtLeast(Counter.CONNECTIONS, 4);
            server.join("g").send("");
            oldest.awaitClosed();
            server.awaitOnce(reason);
            for (var client : List.of(second, third, single)) {
                client.send(TestContext.PREFIX + "h\n");
            }
            server.awaitMembers(4);
        }
    }

    @Test
    void membersMakeNoRoom() throws IOException {
        try (var server = everywhere(Map.of("max-connections", 4))) {
            for (int i = 0; i < 3; i++) {
                server.join("g");
            }
            try (var other = from("127.0.0.2", server)) {
                other.send(TestContext.PREFIX + "g\n");
                server.awaitMembers(4);
                from("127.0.0.3", server).awaitClosed();
                server.awaitOnce(Reason.TOO_MANY_CONNECTIONS);
                server.awaitMembers(4);
            }
        }
    }

    private static TestServer everywhere(Map<String, Object> settings) throws IOException {
        var values = new HashMap<>(settings);
        values.put("host-address", List.of("0.0.0.0"));
        return new TestServer(values);
    }

    private static TestClient from(String address, TestServer server) throws IOException {
        long accepted = server.count(Counter.ACCEPTED);
        var loopback = InetAddress.ofLiteral("127.0.0.1");
        var socket = new Socket(loopback, server.address().getPort(), InetAddress.ofLiteral(address), 0);
        server.awaitAtLeast(Counter.ACCEPTED, accepted + 1);
        return new TestClient(socket);
    }

    @Test
    void anAddressConnectsNoFasterThanAllowed() throws IOException {
        try (var server = new TestServer(Map.of("accept-rate-per-address", 3))) {
            for (int i = 0; i < 3; i++) {
                server.join("g");
            }
            server.connect().awaitClosed();
            server.awaitOnce(Reason.ACCEPT_RATE);
        }
    }

    @Test
    void nothingIsLeftOfConnectionsThatAreGone() throws IOException {
        var settings =
                Map.<String, Object>of("max-connections", 1, "max-first-messages", 1, "max-connections-per-address", 1);
        try (var server = new TestServer(settings)) {
            for (int i = 0; i < 20; i++) {
                server.join("g").reset();
                server.awaitNoConnections();
                server.connect().send("nonsense\n");
                TestServer.await("its end", () -> server.count(Counter.CONNECTIONS) == 0);
                server.connect().close();
                server.awaitAtLeast(Counter.ACCEPTED, 3L * (i + 1));
                server.awaitNoConnections();
            }
        }
    }
}
