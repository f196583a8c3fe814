package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests how much memory queued bytes and unfinished messages cost while there are many, and afterwards, by the resident
 * set.
 */
class ResidentMemoryTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final long MOST_QUEUED = 64 * MEBIBYTE;
    /** What everything besides the queued bytes may take. */
    private static final long MARGIN = 64 * MEBIBYTE;

    private static final long MARGIN_AFTERWARDS = 20 * MEBIBYTE;
    private static final byte[] PIECE = new byte[40_000];

    private static Forwarder start() {
        return Launch.with().yaml("""
                        host-address: 127.0.0.1
                        max-queued: 64MiB
                        max-message-size: 4MiB
                        first-message: line
                        transports:
                          tcp: { port: 0 }
                          prefixed: { type: tcp, port: 0, framing: length-prefixed }
                        """).start();
    }

    private static void assertWithinBounds(Forwarder forwarder, long atRest) {
        assertThat(forwarder.mostResidentBytes() - atRest)
                .as("resident bytes more than at rest")
                .isLessThan(MOST_QUEUED + MARGIN);
    }

    private static void awaitRest(Forwarder forwarder, long atRest) {
        await("that the memory goes back")
                .atMost(Duration.ofSeconds(10))
                .until(() -> forwarder.residentBytes() - atRest < MARGIN_AFTERWARDS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1 << 20, (1 << 20) + 4_097, 3_000_000})
    void unfinishedMessagesOfManySendersTakeNoMoreThanMayBeQueuedAndGiveItBack(int size) {
        try (var forwarder = start()) {
            long atRest = forwarder.residentBytes();
            var senders = new ArrayList<TcpClient>();
            for (int i = 0; i < 40; i++) {
                var sender = TcpClient.connect(forwarder.address("prefixed")).join("g" + i);
                senders.add(sender);
            }
            // Several messages of each member, so that much more passes through than may be held.
            for (int round = 0; round < 4; round++) {
                senders.removeIf(sender -> !sendMessage(sender, size));
            }
            assertThat(senders).as("those that were not closed").isNotEmpty();
            assertWithinBounds(forwarder, atRest);
            senders.forEach(TcpClient::close);
            awaitRest(forwarder, atRest);
        }
    }

    /**
     * Send a message in pieces.
     *
     * @return whether the connection is still open
     */
    private static boolean sendMessage(TcpClient sender, int size) {
        try {
            sender.send(ByteBuffer.allocate(4).putInt(size).array());
            for (int sent = 0; sent < size; sent += PIECE.length) {
                sender.send(PIECE, 0, Math.min(PIECE.length, size - sent));
            }
            return true;
        } catch (UncheckedIOException _) {
            return false; // closed for out-of-queue
        }
    }

    @Test
    void membersThatLagTakeNoMoreThanMayBeQueuedAndGiveItBack() {
        try (var forwarder = start()) {
            long atRest = forwarder.residentBytes();
            var clients = new ArrayList<TcpClient>();
            for (int i = 0; i < 80; i++) {
                var reader = TcpClient.connectSmall(forwarder.tcp()).join("g" + i);
                var sender = TcpClient.connect(forwarder.tcp()).join("g" + i);
                clients.addAll(List.of(reader, sender));
            }
            try (var together = new Together()) {
                for (int i = 1; i < clients.size(); i += 2) {
                    var sender = clients.get(i);
                    together.start(() -> Attempts.quietly(() -> {
                        for (int sent = 0; sent < 5 * MEBIBYTE; sent += PIECE.length) {
                            sender.send(PIECE);
                        }
                    }));
                }
                forwarder.awaitLine("out-of-queue");
            }
            assertWithinBounds(forwarder, atRest);
            Attempts.closeAll(clients);
            awaitRest(forwarder, atRest);
        }
    }
}
