package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Groups with more members than one turn writes to. */
class LargeGroupTest {
    private static final int MEMBERS = 2 * GroupTurns.WRITES + 50;

    private static List<TestClient> join(TestServer server, int members) throws IOException {
        var clients = new ArrayList<TestClient>();
        for (int i = 0; i < members; i++) {
            clients.add(server.join("g"));
        }
        return clients;
    }

    @Test
    void eachGetsAllOfItInOrder() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var members = join(server, MEMBERS);
            long seed = new Random().nextLong();
            var random = new Random(seed);
            var sent = new byte[20_000];
            random.nextBytes(sent);
            var sender = server.join("g");
            for (int at = 0, n; at < sent.length; at += n) {
                n = Math.min(1 + random.nextInt(2_000), sent.length - at);
                var piece = new byte[n];
                System.arraycopy(sent, at, piece, 0, n);
                sender.send(piece);
            }
            for (var member : members) {
                assertThat(member.read(sent.length)).as("seed %d", seed).isEqualTo(sent);
            }
            TestServer.await("no memory held", () -> server.context.heldQueueBytes() == 0);
        }
    }

    @Test
    void whatAllSendAtOnceReachesAllOthers() throws IOException {
        try (var server = new TestServer(Map.of(), Framing.LINE, FlowLimits.DEFAULT)) {
            int senders = GroupTurns.READS + 50;
            var members = join(server, senders);
            for (int i = 0; i < senders; i++) {
                members.get(i).send(i + "\n" + "half of"); // unfinished messages lie between the others' lines
            }
            for (int i = 0; i < senders; i++) {
                members.get(i).send(" " + i + "\n");
            }
            for (int i = 0; i < senders; i++) {
                var mine = i;
                var lines = new ArrayList<String>();
                IntStream.range(0, senders).filter(other -> other != mine).forEach(other -> {
                    lines.add(Integer.toString(other));
                    lines.add("half of " + other);
                });
                var length = lines.stream().mapToInt(line -> line.length() + 1).sum();
                var text = new String(members.get(i).read(length), StandardCharsets.US_ASCII);
                assertThat(text.lines()).containsExactlyInAnyOrderElementsOf(lines);
            }
            TestServer.await("no memory held", () -> server.context.heldQueueBytes() == 0);
        }
    }

    /** A member that is written to in a later turn does not count as full for that. */
    @Test
    void nobodyIsTakenForSlowWhoseTurnComesLater() throws IOException {
        var limits = new FlowLimits(2_000, 1_000, 1, Duration.ofSeconds(5));
        try (var server = new TestServer(Map.of("slow-member", "disconnect"), Framing.RAW, limits)) {
            var members = join(server, MEMBERS);
            var sender = server.join("g");
            sender.send(new byte[10_000]);
            for (var member : members) {
                assertThat(member.read(10_000)).hasSize(10_000);
            }
            assertThat(server.count(Reason.TOO_SLOW)).isZero();
        }
    }

    @Test
    void theStopDeliversItToAll() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var members = join(server, MEMBERS);
            var sender = server.join("g");
            sender.send(new byte[30_000]);
            server.endpoint.quiesce(Duration.ofSeconds(10));
            var stopped = TestClient.later(() -> server.endpoint.stop(Duration.ofSeconds(10)));
            for (var member : members) {
                assertThat(member.readToEnd()).hasSize(30_000);
                member.close();
            }
            sender.close();
            assertThat(stopped.join()).isEqualTo(Unsent.NONE);
        }
    }
}
