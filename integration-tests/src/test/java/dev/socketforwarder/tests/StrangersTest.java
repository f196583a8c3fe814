package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/** Tests what any client may take at the default limits of the assembled image: never the others' share. */
class StrangersTest {
    private static final int PLACES = 136; // of 200 descriptors

    private static void assertPairIsHeard(Forwarder forwarder) {
        try (var ann = forwarder.join("g");
                var bob = forwarder.join("g")) {
            ann.send("hello");
            bob.expect("hello");
        }
    }

    @Test
    void idleMembersOfOneAddressLeavePlacesToOthers() {
        var held = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts().descriptors(200).start()) {
            for (int i = 0; i < PLACES; i++) {
                held.add(TcpClient.connectFrom("127.0.0.66", forwarder.tcp()).join("own" + i));
            }
            forwarder.awaitLine("too-many-from-address");
            assertPairIsHeard(forwarder);
        } finally {
            held.forEach(TcpClient::close);
        }
    }

    @Test
    void silentConnectionsOfAFewAddressesMakeRoomForOthers() {
        var held = new ArrayList<TcpClient>();
        try (var forwarder = Launch.onFreePorts().descriptors(200).start()) {
            for (int i = 0; i < PLACES; i++) {
                held.add(TcpClient.connectFrom("127.0.0." + (66 + i % 2), forwarder.tcp()));
            }
            assertPairIsHeard(forwarder);
            forwarder.awaitLine("evicted before the join, to make room");
        } finally {
            held.forEach(TcpClient::close);
        }
    }

    @Test
    void halfClosedMembersThatAreResetGiveTheirDescriptorsBack() {
        try (var forwarder = Launch.onFreePorts()
                        .env("SOCKETFORWARDER_TCP_HALF_CLOSE", "keep")
                        .start();
                var reader = forwarder.join("g")) {
            int before = forwarder.descriptors();
            var many = new ArrayList<TcpClient>();
            for (int i = 0; i < 50; i++) {
                many.add(forwarder.join("g").finish());
            }
            many.forEach(TcpClient::reset);
            many.forEach(client -> forwarder.awaitLeft(client, "peer-reset"));
            forwarder.join("g").send("over");
            reader.expect("over");
            assertThat(forwarder.descriptors()).isLessThan(before + 10);
        }
    }
}
