package com.example.datagrampeers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.testkit.ContractClient;
import dev.socketforwarder.testkit.ScriptedContext;
import dev.socketforwarder.testkit.ScriptedGroups;
import dev.socketforwarder.testkit.TransportContract;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/** Tests that the transport keeps the promises of the API, and what it says of leases and limits. */
class DatagramTransportTest extends TransportContract {

    private record Client(DatagramSocket socket) implements ContractClient {
        @Override
        public void send(byte[] bytes) throws IOException {
            socket.send(new DatagramPacket(bytes, bytes.length));
        }

        @Override
        public byte[] receive(int n) throws IOException {
            var packet = new DatagramPacket(new byte[65_536], 65_536);
            socket.receive(packet);
            return Arrays.copyOf(packet.getData(), packet.getLength());
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    @Override
    protected Transport transport() {
        return new DatagramTransport();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("host-address", "127.0.0.1", "port", 0);
    }

    @Override
    protected Client connect(SocketAddress server, String group) throws IOException {
        var socket = new DatagramSocket();
        socket.setSoTimeout((int) patience().toMillis());
        socket.connect(server);
        var client = new Client(socket);
        client.send(bytes(ScriptedContext.firstMessage(group)));
        return client;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Runs an endpoint beside those of the contract. */
    private final class Server implements AutoCloseable {
        private final ScriptedContext context;
        private final Endpoint endpoint;

        Server(Map<String, ?> settings) throws IOException {
            this(new ScriptedContext("endpoint", settings, new ScriptedGroups()));
        }

        Server(ScriptedContext context) throws IOException {
            this.context = context;
            endpoint = transport().open(context);
            context.begin();
            endpoint.start();
        }

        Client connect() throws IOException {
            return DatagramTransportTest.this.connect(endpoint.localAddresses().getFirst(), "group");
        }

        @Override
        public void close() {
            endpoint.stop(Duration.ZERO);
            context.close();
        }
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long endNs = System.nanoTime() + patience().toNanos();
        while (!condition.getAsBoolean()) {
            assertEquals(true, System.nanoTime() < endNs, "in time");
            Thread.sleep(5);
        }
    }

    @Test
    void aSilentPeerLeavesAndMayComeBack() throws Exception {
        try (var server = new Server(Map.of("host-address", "127.0.0.1", "port", 0, "lease", "100ms"));
                var peer = server.connect()) {
            await(() -> server.context.counters().get(Reason.LEASE_EXPIRED) == 1);
            assertEquals(0, server.context.counters().get(Counter.MEMBERS));

            peer.send(bytes(ScriptedContext.firstMessage("group")));
            await(() -> server.context.counters().get(Counter.JOINED) == 2);
        }
    }

    @Test
    void aChallengeIsSentAndOneThatCannotBeSentHarmsNobodyElse() throws Exception {
        Handshake handshake = (_, first, _) -> {
            boolean isAnswer = first.equals(ByteBuffer.wrap(bytes("answer")));
            return isAnswer
                    ? new Handshake.Admitted("group", first.remaining())
                    : new Handshake.Challenge(ByteBuffer.allocate(first.remaining() == 1 ? 70_000 : 8));
        };
        var context = new ScriptedContext("endpoint", settings(), new ScriptedGroups(), handshake, new Places(0));
        try (var server = new Server(context);
                var peer = server.connect()) {
            assertArrayEquals(new byte[8], peer.receive(8));
            peer.send(bytes("?"));
            await(() -> context.counters().get(Reason.SEND_FAILED) == 1);
            peer.send(bytes("answer"));
            await(() -> context.counters().get(Counter.JOINED) == 1);
            assertEquals(1, context.counters().get(Counter.CHALLENGED));
        }
    }

    @Test
    void oneMoreThanTheMostMembersIsRefused() throws Exception {
        try (var server = new Server(Map.of("host-address", "127.0.0.1", "port", 0, "max-members", 1));
                var member = server.connect()) {
            await(() -> server.context.counters().get(Counter.JOINED) == 1);
            try (var _ = server.connect()) {
                await(() -> server.context.counters().get(Reason.TOO_MANY_REGISTRATIONS) == 1);
            }
            server.context.groups().joined().getFirst().deliver(bytes("still here"));
            assertArrayEquals(bytes("still here"), member.receive(10));
        }
    }
}
