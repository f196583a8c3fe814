package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that bursts arrive whole, in order and unmixed. */
@BothPaths
@Timeout(120)
class BatchingTest {
    @Parameter
    private IoPath io;

    private static final int SENDERS = 4;
    private static final int DATAGRAMS = 1000;
    // As many as a receiver's socket holds if the kernel grants only its default of 208 KiB.
    private static final int MOST_AT_ONCE = 100_000;
    private static final int OVERHEAD = 768;
    private static final int[] SIZES = {5, 5, 5, 6, 100, 128, 1472, 1472, 1473, 9000, 40_000};

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private int[] begun = new int[SENDERS];

    /** Make a datagram that names its sender and number, followed by bytes that depend on both. */
    private static byte[] datagram(int sender, int number, int size) {
        var bytes = new byte[size];
        new Random(31L * number + sender).nextBytes(bytes);
        ByteBuffer.wrap(bytes).put((byte) sender).putInt(number);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 1, 3, 3, 3})
    void eachMemberGetsExactlyTheDatagramsOfTheOthersInEachSendersOrder(int sockets) throws IOException {
        var all = new ArrayList<TestPeer>();
        try (var server = TestServer.start(TestServer.settings(io).set("sockets", sockets))) {
            for (int i = 0; i < SENDERS; i++) {
                // The last one sends without being a member.
                all.add(i < SENDERS - 1 ? server.member() : server.peer());
            }
            var sizes = new int[SENDERS][DATAGRAMS];
            var sent = new int[SENDERS];
            for (int turn = 0; turn < 150; turn++) {
                sendTurn(all, sizes, sent);
                for (int member = 0; member < SENDERS - 1; member++) {
                    receiveTurn(all.get(member), member, sizes, sent);
                }
            }
        } finally {
            all.forEach(TestPeer::close);
        }
    }

    private void sendTurn(List<TestPeer> all, int[][] sizes, int[] sent) throws IOException {
        begun = sent.clone();
        int bytes = 0;
        while (bytes < MOST_AT_ONCE) {
            int sender = random.nextInt(SENDERS);
            int size = SIZES[random.nextInt(SIZES.length)];
            for (int run = 1 + random.nextInt(20); run > 0 && sent[sender] < DATAGRAMS && bytes < MOST_AT_ONCE; run--) {
                sizes[sender][sent[sender]] = size;
                all.get(sender).send(datagram(sender, sent[sender]++, size));
                bytes += OVERHEAD + size;
            }
            bytes++;
        }
    }

    private void receiveTurn(TestPeer member, int self, int[][] sizes, int[] sent) throws IOException {
        var next = begun.clone();
        int expected = Arrays.stream(sent).sum() - Arrays.stream(begun).sum() - (sent[self] - begun[self]);
        for (int i = 0; i < expected; i++) {
            var got = member.receive();
            int sender = got[0];
            assertThat(sender).as("seed %d", seed).isNotEqualTo(self);
            int number = next[sender]++;
            assertThat(got)
                    .as("seed %d, sender %d, number %d", seed, sender, number)
                    .isEqualTo(datagram(sender, number, sizes[sender][number]));
        }
    }
}
