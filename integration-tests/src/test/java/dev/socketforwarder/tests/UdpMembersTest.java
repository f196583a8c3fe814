package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests who is a member of a UDP endpoint, and for how long. */
class UdpMembersTest {
    private static final String REGISTER = TcpClient.PREFIX;
    private static final String LEAVE = "SOCKETFORWARDER-LEAVE:";

    private final List<UdpClient> clients = new ArrayList<>();
    private Forwarder forwarder;

    @AfterEach
    void close() {
        clients.forEach(UdpClient::close);
        if (forwarder != null) {
            forwarder.close();
        }
    }

    private void start(Launch launch, String udp) {
        forwarder = launch.yaml("debug: true\nhost-address: 127.0.0.1\ntransports: { udp: { port: 0" + udp + " } }\n")
                .start();
    }

    private UdpClient client() {
        var client = UdpClient.to(forwarder.udp());
        clients.add(client);
        return client;
    }

    /** {@return the cookie, with the colon before it} */
    private static String cookie(UdpClient at) {
        var answer = new String(at.receive(), StandardCharsets.US_ASCII);
        assertThat(answer).matches("SFCOOKIE:[A-Za-z0-9_-]{11}");
        return answer.substring("SFCOOKIE".length());
    }

    private void awaitLeft(UdpClient client, String reason) {
        forwarder.awaitLine(client.port() + " left the group of endpoint udp: " + reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void whoShowsTheCookieAndTheTokenIsIn(String io) {
        var launch = Launch.with().env("SOCKETFORWARDER_UDP_TOKEN_SECRET", "a-secret-that-is-shared");
        start(launch, ", registration: challenge, handshake: [token], io: " + io);
        var member = client();
        var prefix = REGISTER + "a-secret-that-is-shared:";
        member.send(prefix).send(prefix + cookie(member));
        forwarder.awaitLine("127.0.0.1:" + member.port() + " joined the group of endpoint udp");
        client().send("hello");
        member.expect("hello");

        var leave = LEAVE + "a-secret-that-is-shared:";
        member.send(leave).send(leave + cookie(member));
        awaitLeft(member, "left");
        assertThat(forwarder.err().matching(line -> line.contains("a-secret"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void aLeaseEndsAndNothingWakesAnIdleForwarder(String io) {
        start(Launch.with(), ", registration: auto, lease: 1s, io: " + io);
        var member = client().send("here I am");
        forwarder.awaitLine("127.0.0.1:" + member.port() + " joined the group of endpoint udp");
        awaitLeft(member, "lease-expired");
        forwarder.assertIdle();
    }

    @Test
    void anEndpointThatMoreThanThisMachineReachesWarns() {
        forwarder = Launch.with("--set", "transports.udp.port=0").start();
        forwarder.awaitLine("sender-policy: registered");
        forwarder.close();

        forwarder = Launch.with("--set", "transports.udp.port=0", "--set", "transports.udp.sender-policy=registered")
                .start();
        forwarder.stop();
        assertThat(forwarder.err().matching(line -> line.contains("sender-policy")))
                .isEmpty();
    }
}
