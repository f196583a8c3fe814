package dev.socketforwarder.runtime.streams.member;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramedConnectionTest {

    private static TestServer server(Framing framing, int readSize) throws IOException {
        return new TestServer(Map.of("max-read-in-size", (long) readSize), framing, FlowLimits.DEFAULT);
    }

    @Test
    void anUnfinishedLineWaitsAndIsCutByNobodysBytes() throws Exception {
        try (var server = server(Framing.LINE, 65_536)) {
            var a = server.join("g");
            var b = server.join("g");
            var receiver = server.join("g");

            a.send("from a, ");
            server.awaitAtLeast(Counter.READS, 1);
            b.send("from b\n");
            assertThat(receiver.readText(7)).isEqualTo("from b\n");
            a.send("whole\nand");

            assertThat(receiver.readText(14)).isEqualTo("from a, whole\n");
            a.close();
            server.awaitOnce(Reason.MESSAGE_INCOMPLETE);
        }
    }

    @Test
    void theJoinReplyIsAMessageInTheGroupsFraming() throws Exception {
        var framing = Framing.lengthPrefixed(2, ByteOrder.BIG_ENDIAN);
        try (var server = new TestServer(Map.of("join-reply", "welcome"), framing, FlowLimits.DEFAULT)) {
            assertThat(server.join("g").readText(9)).isEqualTo("\0\7welcome");
        }
    }

    @Test
    void whatComesBehindTheFirstMessageIsFramedToo() throws Exception {
        try (var server = server(Framing.LINE, 65_536)) {
            var receiver = server.join("g");
            var sender = server.connect();

            sender.send(TestContext.PREFIX + "g\nearly\nand un");
            assertThat(receiver.readText(6)).isEqualTo("early\n");
            sender.send("finished\n");

            assertThat(receiver.readText(15)).isEqualTo("and unfinished\n");
        }
    }

    @Test
    void aSenderOfAMessageTooLargeIsClosedAndItsWholeOnesAreDelivered() throws Exception {
        try (var server = server(Framing.lengthPrefixed(4, ByteOrder.BIG_ENDIAN), 65_536)) {
            var receiver = server.join("g");
            var sender = server.join("g");

            sender.send(ByteBuffer.allocate(9)
                    .putInt(1)
                    .put((byte) 'x')
                    .putInt((1 << 20) + 1)
                    .array());

            assertThat(receiver.read(5)).isEqualTo(new byte[] {0, 0, 0, 1, 'x'});
            sender.awaitClosed();
            server.awaitOnce(Reason.MESSAGE_TOO_LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 1_000, 65_536})
    void everybodySendsAtOnceAndEachGetsWholeMessages(int readSize) throws Exception {
        long seed = System.nanoTime();
        System.out.println("FramedConnectionTest seed " + seed);
        int members = 4;
        int messages = readSize == 1 ? 40 : 200;
        int most = readSize < 10 ? 100 : 100_000;
        try (var server = server(Framing.lengthPrefixed(4, ByteOrder.LITTLE_ENDIAN), readSize)) {
            var clients = new ArrayList<TestClient>();
            for (int i = 0; i < members; i++) {
                clients.add(server.join("g"));
            }
            var sending = new ArrayList<CompletableFuture<Void>>();
            var receiving = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < members; i++) {
                int id = i;
                var client = clients.get(i);
                receiving.add(TestClient.later(() -> {
                    checkAll(id, client, members, messages);
                    return null;
                }));
            }
            for (int i = 0; i < members; i++) {
                int id = i;
                var client = clients.get(i);
                sending.add(TestClient.later(() -> {
                    sendAll(id, client, messages, most, new Random(seed + id));
                    return null;
                }));
            }
            for (var each : sending) {
                each.get();
            }
            for (var each : receiving) {
                each.get();
            }
        }
    }

    private static void sendAll(int id, TestClient client, int messages, int most, Random random) throws IOException {
        for (int k = 0; k < messages; k++) {
            int length = 5 + random.nextInt(random.nextInt(10) == 0 ? most : 50);
            var message = ByteBuffer.allocate(4 + length).order(ByteOrder.LITTLE_ENDIAN);
            message.putInt(length).put((byte) id).putInt(k);
            while (message.hasRemaining()) {
                message.put((byte) (id + k));
            }
            client.send(message.array());
        }
    }

    private static void checkAll(int id, TestClient client, int members, int messages) throws IOException {
        var next = new int[members];
        for (int n = 0; n < (members - 1) * messages; n++) {
            int length = ByteBuffer.wrap(client.read(4))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getInt();
            var message = ByteBuffer.wrap(client.read(length)).order(ByteOrder.LITTLE_ENDIAN);
            int sender = message.get();
            assertThat(sender).isNotEqualTo(id);
            assertThat(message.getInt()).isEqualTo(next[sender]);
            while (message.hasRemaining()) {
                if (message.get() != (byte) (sender + next[sender])) {
                    throw new AssertionError("another's byte");
                }
            }
            next[sender]++;
        }
    }

    @Test
    void manyLinesInOneReadAreDeliveredAsTheyCame() throws Exception {
        try (var server = server(Framing.LINE, 65_536)) {
            var receiver = server.join("g");
            var sender = server.join("g");
            var text = "a line\n".repeat(100_000);
            var sent = sender.sendLater(text.getBytes(StandardCharsets.US_ASCII));

            assertThat(receiver.readText(text.length())).isEqualTo(text);
            sent.get();
        }
    }
}
