package dev.socketforwarder.tests;

import java.net.InetSocketAddress;
import java.net.SocketException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tests connections from configured addresses, which are members at once, without a first message. */
class TcpPreconfiguredTest {
    private static int port;
    private static int namedPort;
    private static Forwarder forwarder;

    @BeforeAll
    static void start() {
        port = FreePorts.tcp("127.0.9.1");
        namedPort = FreePorts.tcp("127.0.0.1");
        forwarder = Launch.with().yaml("""
                        host-address: 127.0.0.1
                        debug: true
                        transports:
                          tcp:
                            port: 0
                            preconfig-addresses:
                              - "exact:127.0.9.1:%d"
                              - "named:localhost:%d"
                              - "any-port:127.0.9.2:*"
                              - "block:127.0.10.0/24:*"
                              - "half:127.0.11.128/25:*"
                              - "first:127.0.12.1:*"
                              - "second:127.0.12.1:*"
                              - "with a space:127.0.13.1:*"
                        """.formatted(port, namedPort)).start();
        forwarder.awaitLine("preconfig-addresses is \"second:127.0.12.1:*\", but must be for other addresses: an"
                + " earlier element puts these into group first");
    }

    @AfterAll
    static void stop() {
        forwarder.close();
    }

    private static void isMemberOf(String group, InetSocketAddress source) {
        try (var preconfigured = TcpClient.connectFrom(source, forwarder.tcp());
                var member = forwarder.join(group)) {
            forwarder.awaitJoined(preconfigured, group);
            preconfigured.send(TcpClient.PREFIX + "is data");
            member.expect(TcpClient.PREFIX + "is data");
            member.send("hello");
            preconfigured.expect("hello");
            // So that the port can be used again at once.
            preconfigured.reset();
        }
    }

    @Test
    void addressAndPort() {
        isMemberOf("exact", new InetSocketAddress("127.0.9.1", port));
    }

    @Test
    void anotherPortOfThatHostIsAStranger() {
        try (var stranger = TcpClient.connectFrom("127.0.9.1", forwarder.tcp())) {
            stranger.send("no first message\n").expectClosed();
        }
    }

    @Test
    void hostName() {
        isMemberOf("named", new InetSocketAddress("127.0.0.1", namedPort));
    }

    @Test
    void anyPortAndAgainWheneverItReconnects() {
        for (int i = 0; i < 5; i++) {
            isMemberOf("any-port", new InetSocketAddress("127.0.9.2", 0));
        }
    }

    @Test
    void block() {
        isMemberOf("block", new InetSocketAddress("127.0.10.1", 0));
        isMemberOf("block", new InetSocketAddress("127.0.10.254", 0));
    }

    @Test
    void blockEndsWhereItSays() {
        isMemberOf("half", new InetSocketAddress("127.0.11.128", 0));
        try (var outside = TcpClient.connectFrom("127.0.11.127", forwarder.tcp())) {
            outside.join("half");
            forwarder.awaitJoined(outside, "half");
            try (var inside = TcpClient.connectFrom("127.0.11.200", forwarder.tcp())) {
                forwarder.awaitJoined(inside, "half");
                outside.send("its first message was one");
                inside.expect("its first message was one");
            }
        }
    }

    @Test
    void theFirstRuleThatFitsCounts() {
        isMemberOf("first", new InetSocketAddress("127.0.12.1", 0));
    }

    @Test
    void groupMayHaveBlanks() {
        isMemberOf("with a space", new InetSocketAddress("127.0.13.1", 0));
    }

    @Test
    void severalPreconfiguredClientsHearEachOther() {
        try (var one = TcpClient.connectFrom("127.0.10.20", forwarder.tcp());
                var other = TcpClient.connectFrom("127.0.10.21", forwarder.tcp())) {
            forwarder.awaitJoined(one, "block");
            forwarder.awaitJoined(other, "block");
            // Other tests use this group too, so only bytes of this sender are checked.
            one.send("from 20 to 21");
            var heard = new StringBuilder();
            while (!heard.toString().contains("from 20 to 21")) {
                heard.append(new String(other.receive(1), java.nio.charset.StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void ipv6InBracketsAndBothFamiliesOnOneAddress() throws SocketException {
        Ipv6.require();
        try (var both = Launch.with().yaml("""
                                host-address: "::"
                                debug: true
                                transports:
                                  tcp:
                                    port: 0
                                    preconfig-addresses:
                                      - "six:[::1]:*"
                                      - "four:127.0.14.0/24:*"
                                """).start();
                var six = TcpClient.connect(both.tcp());
                var four = TcpClient.connectFrom(
                        "127.0.14.1",
                        new InetSocketAddress("127.0.0.1", both.tcp().getPort()));
                var joined = TcpClient.connectFrom(
                        "127.0.0.1",
                        new InetSocketAddress("127.0.0.1", both.tcp().getPort()))) {
            both.awaitJoined(six, "six");
            both.awaitJoined(four, "four");
            joined.join("six");
            both.awaitJoined(joined, "six");
            six.send("from IPv6");
            joined.expect("from IPv6");
        }
    }
}
