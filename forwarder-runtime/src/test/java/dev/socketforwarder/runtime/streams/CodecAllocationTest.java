package dev.socketforwarder.runtime.streams;

import static dev.socketforwarder.runtime.testing.NetstringCodec.frame;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages of codecs cost the event loops no memory while all members keep up. */
@Timeout(60)
class CodecAllocationTest {
    private static final int WARM_UP = 3_000;
    private static final int ROUNDS = 3_000;
    /** A few bytes each round, for what the JIT compiler has not removed yet, and what the kernel's wake-ups cost. */
    private static final int FEW = 40;

    @Test
    void aMessageToPlainMembersAndToTwoEncodingsAllocatesNothing() throws IOException {
        try (var server = new CodecServer(Map.of(), Framing.LINE, FlowLimits.DEFAULT)) {
            var coded = server.join("g");
            var other = server.join("g");
            var tagged = server.join(server.connect(), 'K', "g");
            var plain = server.plain.join("g");
            long fromCodec = perRound(() -> {
                coded.send(frame('T', "message"));
                other.expect(frame('T', "message"));
                tagged.expect(frame('T', "message") + "~");
                plain.expect("message\n");
            });
            long fromPlain = perRound(() -> {
                plain.send("message\n");
                coded.expect(frame('N', "message"));
                other.expect(frame('N', "message"));
                tagged.expect(frame('N', "message") + "~");
            });
            assertThat(List.of(fromCodec, fromPlain)).allMatch(bytes -> bytes < FEW, "under " + FEW + " bytes a round");
        }
    }

    @FunctionalInterface
    private interface Round {
        void run() throws IOException;
    }

    private static long perRound(Round round) throws IOException {
        for (int i = 0; i < WARM_UP; i++) {
            round.run();
        }
        long before = allocated();
        for (int i = 0; i < ROUNDS; i++) {
            round.run();
        }
        return (allocated() - before) / ROUNDS;
    }

    private static long allocated() {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("event-loop-"))
                .mapToLong(thread -> Math.max(0, threads.getThreadAllocatedBytes(thread.getThreadId())))
                .sum();
    }
}
