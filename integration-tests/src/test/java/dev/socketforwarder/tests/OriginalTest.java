package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Tests what the original program's own tests expect of a forwarder, with the original's variables and {@code compat: original}. Its
 * clients end no first message with a line feed.
 */
class OriginalTest {
    private static final Map<String, String> VARIABLES = Map.of(
            "socketforwarder.compat", "original",
            "socketforwarder.host_address", "127.0.0.1",
            "socketforwarder.tcp.port", "0",
            "socketforwarder.udp.port", "0",
            "socketforwarder.debug", "true",
            "socketforwarder.log_output", "stderr"); // where these tests look

    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        forwarder = Launch.with().env(VARIABLES).start();
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    private static TcpClient join(String group) {
        var client = TcpClient.connect(forwarder.tcp()).send(TcpClient.PREFIX + group);
        forwarder.awaitJoined(client, group);
        return client;
    }

    @Test
    void otherGroupsHearNothingAndNoSenderHearsItself() {
        try (var one = join("98235123");
                var two = join("98235123");
                var other = join("112343");
                var beside = join("112343")) {
            one.send("from one");
            two.expect("from one").send("from two");
            one.expect("from two"); // would follow an echo
            beside.send("in the other group");
            other.expect("in the other group"); // would follow what the first group sent
        }
    }

    @Test
    void theOthersGoOnWhenAClientDisconnects() {
        try (var one = join("disconnects");
                var two = join("disconnects")) {
            var three = join("disconnects");
            three.close(); // which looks like a client that only shuts its sending side, until it is sent something
            one.send("message");
            two.expect("message");
            one.send("messagemessage");
            two.expect("messagemessage");
            forwarder.awaitLeft(three, "peer-reset");
        }
    }

    @Test
    void twoHundredClientsGetAThousandMessages() {
        var clients = new ArrayList<TcpClient>();
        try (var together = new Together()) {
            for (int i = 0; i < 200; i++) {
                clients.add(TcpClient.connect(forwarder.tcp()).send(TcpClient.PREFIX + "numerous"));
            }
            clients.forEach(client -> forwarder.awaitJoined(client, "numerous"));
            var expected = new StringBuilder();
            for (int i = 0; i < 1_000; i++) {
                expected.append("numerous clients").append(i);
            }
            for (var client : clients.subList(1, clients.size())) {
                together.start(() -> client.expect(expected.toString()));
            }
            for (int i = 0; i < 1_000; i++) {
                clients.getFirst().send("numerous clients" + i);
            }
            together.await();
        } finally {
            clients.forEach(TcpClient::close);
        }
    }

    @Test
    void datagramsGoBothWaysAndComeBackToTheirSender() {
        var clients = new ArrayList<UdpClient>();
        try (var own = Launch.with().env(VARIABLES).start()) {
            for (int i = 0; i < 200; i++) {
                var client = UdpClient.to(own.udp());
                clients.add(client);
                client.send(TcpClient.PREFIX + client.port());
                own.awaitLine("127.0.0.1:" + client.port() + " joined the group of endpoint udp");
            }
            for (var sender : List.of(clients.getFirst(), clients.getLast())) {
                for (int i = 0; i < 20; i++) {
                    var message = "message " + i + " of " + sender.port();
                    sender.send(message);
                    clients.forEach(client -> client.expect(message));
                }
            }
        } finally {
            clients.forEach(UdpClient::close);
        }
    }

    @Test
    void aClientThatShutsItsSendingSideGoesOnReceiving() {
        try (var receiver = join("half");
                var sender = join("half")) {
            receiver.finish();
            sender.send("still heard");
            receiver.expect("still heard");
        }
    }

    @Test
    void malformedPreconfiguredEntriesAreLeftOut() {
        var launch = Launch.with()
                .env(VARIABLES)
                .env("socketforwarder.tcp.preconfig_addresses", "nonsense,known:127.0.0.9:*")
                .env("socketforwarder.udp.preconfig_addresses", "127.0.0.1:99999,127.0.0.1:9");
        try (var own = launch.start();
                var known = TcpClient.connectFrom("127.0.0.9", own.tcp());
                var other = own.join("known")) {
            own.awaitLine("is \"nonsense\", but must be group:host:port");
            own.awaitLine("is \"127.0.0.1:99999\", but must be host:port");
            own.awaitJoined(known, "known");
            other.send("no first message needed");
            known.expect("no first message needed");
        }
    }

    @Test
    void theLogGoesToStandardOutput() {
        var variables = new HashMap<>(VARIABLES);
        variables.remove("socketforwarder.log_output");
        assertThat(Launch.with("config").env(variables).run().out())
                .anyMatch(line -> line.contains("log-output") && line.contains("stdout"));
    }
}
