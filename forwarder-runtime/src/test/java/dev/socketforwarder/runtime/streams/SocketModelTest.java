package dev.socketforwarder.runtime.streams;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random joins, sends, stalls and leaves on real sockets. Each member must get the lines of every other member whole,
 * in order and without a gap, from its own join at the latest to the other's last line. The runtime's model, in memory,
 * knows more.
 */
@Timeout(120)
class SocketModelTest {
    private static final int STEPS = 2_000;
    /** How many bytes may be under way before the test waits for the forwarder to read. */
    private static final int MOST_UNREAD = 40_000;

    static LongStream seeds() {
        return LongStream.concat(LongStream.of(1, 2), new Random().longs(2));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyMemberGetsWhatTheModelSays(long seed) throws IOException {
        var limits = new FlowLimits(64 << 10, 16 << 10, 1, Duration.ofMinutes(1));
        try (var server = new TestServer(Map.of("first-message", "line"), Framing.LINE, limits)) {
            var model = new Model(new Random(seed), server);
            for (int step = 0; step < STEPS; step++) {
                model.step();
            }
            model.end();
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** A member, with what it has said and what it has heard. */
    private static final class Peer {
        final int id;
        final String group;
        final TestClient client;
        /** The last number heard of each other member. */
        final Map<Integer, Integer> heard = new ConcurrentHashMap<>();
        /**
         * The numbers of each other member's lines that this member must hear: at the latest from here, and up to there
         * (excluded).
         */
        final Map<Integer, Integer> from = new ConcurrentHashMap<>();

        final Map<Integer, Integer> to = new HashMap<>();
        int said;
        byte[] unsaid = {};
        volatile boolean stalled;
        volatile String wrong = "";

        Peer(int id, String group, TestClient client) {
            this.id = id;
            this.group = group;
            this.client = client;
        }

        void listen() {
            Thread.ofVirtual().start(() -> {
                try {
                    var in = new BufferedReader(new InputStreamReader(client.socket.getInputStream(), US_ASCII), 512);
                    for (var line = in.readLine(); line != null; line = in.readLine()) {
                        hear(line);
                        while (stalled) {
                            LockSupport.parkNanos(200_000);
                        }
                    }
                } catch (IOException _) {
                    // The connection is over. Whether it heard enough is asked only of members that stay.
                } catch (RuntimeException e) {
                    wrong = e.toString();
                }
            });
        }

        private void hear(String line) {
            var words = line.split(" ");
            int sender = Integer.parseInt(words[0]);
            int number = Integer.parseInt(words[1]);
            var last = heard.put(sender, number);
            boolean isNext = last == null ? number <= from.getOrDefault(sender, 0) : number == last + 1;
            if (!isNext || sender == id || words[2].length() != Integer.parseInt(words[3])) {
                wrong = "after " + last + " came " + line;
            }
        }

        boolean hasHeard(int sender, int end) {
            int last = heard.getOrDefault(sender, -1);
            return last == end - 1 || last < 0 && from.getOrDefault(sender, 0) == end;
        }
    }

    private static final class Model {
        private final Random random;
        private final TestServer server;
        private final List<Peer> peers = new ArrayList<>();
        private int ids;
        private long sent;

        Model(Random random, TestServer server) {
            this.random = random;
            this.server = server;
        }

        void step() throws IOException {
            int action = random.nextInt(100);
            if (peers.size() < 3 || action < 3 && peers.size() < 10) {
                join();
            } else if (action < 5) {
                leave(any());
            } else if (action < 9) {
                any().stalled = true;
            } else if (action < 13) {
                any().stalled = false;
            } else {
                say(any());
            }
        }

        private Peer any() {
            return peers.get(random.nextInt(peers.size()));
        }

        private void join() throws IOException {
            var group = "g" + random.nextInt(2);
            var client = random.nextBoolean() ? server.join(group) : server.joinSlow(group);
            var peer = new Peer(ids++, group, client);
            for (var other : peers) {
                peer.from.put(other.id, other.said);
            }
            peers.add(peer);
            peer.listen();
        }

        /** Leave with a FIN, which follows all that was said, or with a reset, once all that was said has been read. */
        private void leave(Peer peer) throws IOException {
            if (random.nextBoolean()) {
                peer.stalled = false;
                peer.client.shutOutput();
            } else {
                catchUp();
                peer.client.reset();
            }
            peers.remove(peer);
            for (var other : peers) {
                if (other.group.equals(peer.group)) {
                    other.to.put(peer.id, peer.said);
                }
            }
        }

        private void say(Peer peer) throws IOException {
            var line = peer.unsaid;
            if (line.length == 0) {
                int length = 1 + random.nextInt(random.nextInt(10) == 0 ? 20_000 : 200);
                line = (peer.id + " " + peer.said + " " + "x".repeat(length) + " " + length + "\n").getBytes(US_ASCII);
            }
            int now = random.nextInt(4) == 0 ? 1 + random.nextInt(line.length) : line.length;
            if (sent + now - server.count(Counter.BYTES_IN) > MOST_UNREAD) {
                catchUp();
            }
            sent += now;
            peer.said += now == line.length ? 1 : 0;
            peer.unsaid = Arrays.copyOfRange(line, now, line.length);
            peer.client.send(Arrays.copyOf(line, now));
        }

        /** Let all members read until the forwarder has read everything. */
        private void catchUp() {
            peers.forEach(peer -> peer.stalled = false);
            TestServer.await("all is read", () -> server.count(Counter.BYTES_IN) == sent);
        }

        void end() {
            catchUp();
            for (var peer : peers) {
                for (var other : peers) {
                    if (other != peer && other.group.equals(peer.group)) {
                        peer.to.put(other.id, other.said);
                    }
                }
            }
            for (var peer : peers) {
                peer.to.forEach((sender, end) -> TestServer.await(
                        "%d has heard %d up to %d, but %s %s"
                                .formatted(peer.id, sender, end, peer.heard.get(sender), peer.wrong),
                        () -> peer.hasHeard(sender, end)));
                assertThat(peer.wrong).as("heard by %d", peer.id).isEmpty();
            }
        }
    }
}
