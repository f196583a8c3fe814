package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a transport can do with its streams besides listening. */
@Timeout(30)
class StreamServerTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BlockingQueue<Reason> ends = new LinkedBlockingQueue<>();
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
    }

    @AfterEach
    void close() throws IOException {
        listener.close();
    }

    /** Both ends of a connection that the forwarder does not know yet. */
    private record Pair(SocketChannel ours, TestClient peers) {
        Peer peer() throws IOException {
            return new Peer("tcp", ours.getRemoteAddress(), ours.getLocalAddress());
        }
    }

    private synchronized Pair pair() throws IOException {
        var client = new TestClient((InetSocketAddress) listener.getLocalAddress(), 0);
        return new Pair(listener.accept(), client);
    }

    private StreamServer streams(TestContext context) {
        return context.streams(List.of("prefix"));
    }

    private static void await(TestContext context, Counter counter, long n) {
        TestServer.await(counter + " " + n, () -> context.counters().get(counter) == n);
    }

    @Test
    void aConnectionThatTheTransportMadeIsAMember() throws Exception {
        try (var context = new TestContext(Map.of("join-reply", "for clients"))) {
            var streams = streams(context);
            var dialled = pair();
            var heap = StandardCharsets.UTF_8.encode("greeting");
            streams.join(dialled.ours(), dialled.peer(), GROUP, heap, ends::add);
            assertThat(heap.remaining()).as("it is not consumed").isEqualTo(8);
            assertThat(dialled.peers().readText(8)).isEqualTo("greeting");
            await(context, Counter.MEMBERS, 1);

            var served = pair();
            streams.serve(served.ours(), served.peer());
            served.peers().send(TestContext.PREFIX + "g\n");
            assertThat(served.peers().readText(12)).isEqualTo("for clients\n");
            served.peers().send("hello");
            assertThat(dialled.peers().readText(5)).isEqualTo("hello");

            dialled.peers().close();
            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Reason.PEER_CLOSED);
            streams.stop(Duration.ofSeconds(5));
            assertThat(ends).isEmpty();
            assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
        }
    }

    @Test
    void oneThatFindsNoPlaceIsClosedAndTold() throws Exception {
        try (var context = new TestContext(Map.of("max-connections", 1))) {
            var streams = streams(context);
            var first = pair();
            streams.join(first.ours(), first.peer(), GROUP, NOTHING, ends::add);
            await(context, Counter.MEMBERS, 1);
            var second = pair();
            streams.join(second.ours(), second.peer(), GROUP, NOTHING, ends::add);

            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Reason.TOO_MANY_CONNECTIONS);
            second.peers().awaitClosed();
            streams.stop(Duration.ofSeconds(5));
            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Reason.STOPPED);
            assertThat(context.loops().groups()).isZero();
        }
    }

    @Test
    void afterTheStopNothingIsServedAndNothingLeftOpen() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var streams = streams(context);
            streams.stop(Duration.ZERO);
            var served = pair();
            streams.serve(served.ours(), served.peer());
            served.peers().awaitClosed();
            var joined = pair();
            streams.join(joined.ours(), joined.peer(), GROUP, NOTHING, ends::add);
            joined.peers().awaitClosed();

            assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Reason.STOPPED);
            assertThat(context.counters().get(Reason.STOPPED)).isEqualTo(2);
            assertThatThrownBy(() -> streams.listen(listener))
                    .isInstanceOf(IOException.class)
                    .hasMessage("tcp has stopped");
            assertThat(listener.isOpen()).isFalse();
            assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
            assertThat(context.loops().all()).as("no thread was started").isEmpty();
        }
    }

    @Test
    void connectionsThatComeWhileItStopsAreAllClosed() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var streams = streams(context);
            var peers = new LinkedBlockingQueue<TestClient>();
            var coming = TestClient.later(() -> {
                for (int i = 0; i < 200; i++) {
                    var pair = pair();
                    peers.add(pair.peers());
                    streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
                }
                return null;
            });
            TestServer.await("some members", () -> context.counters().get(Counter.MEMBERS) >= 20);
            streams.quiesce(Duration.ofSeconds(5));
            streams.stop(Duration.ZERO);
            coming.join();

            for (var peer : peers) {
                peer.awaitClosed();
            }
            TestServer.await("all are told", () -> ends.size() == 200);
            assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
            assertThat(context.loops().groups()).isZero();
        }
    }

    @Test
    void endpointsThatStartAndStopAtOnceLeaveNothing() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var running = List.of(
                    TestClient.later(() -> startAndStop(context)),
                    TestClient.later(() -> startAndStop(context)),
                    TestClient.later(() -> startAndStop(context)));
            for (var each : running) {
                each.join();
            }
            assertThat(context.loops().all()).isEmpty();
            assertThat(context.loops().groups()).isZero();
            assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
            assertThat(context.counters().get(Counter.MEMBERS)).isZero();
            assertThat(ends).hasSize(3 * 60);
        }
    }

    /** Run streams over and over. The loops start with the first streams that run, and stop with the last. */
    private Void startAndStop(TestContext context) throws IOException {
        for (int i = 0; i < 60; i++) {
            var streams = streams(context);
            var pair = pair();
            streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
            if (i % 2 == 0) {
                streams.quiesce(Duration.ofSeconds(5));
            }
            streams.stop(i % 3 == 0 ? Duration.ZERO : Duration.ofSeconds(5));
            streams.stop(Duration.ZERO);
            pair.ours().close();
            pair.peers().close();
        }
        return null;
    }

    @Test
    void aChallengeThatAPolicyGivesToAllIsWholeForEach() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var challenge = new Handshake.Challenge(StandardCharsets.UTF_8.encode("who?"));
            Handshake handshake =
                    (_, bytes, _) -> bytes.hasRemaining() ? new Handshake.Admitted("g", bytes.remaining()) : challenge;
            var streams = new StreamServer(context, context.groups(), context.loops(), context.rules(handshake));
            for (int i = 1; i <= 3; i++) {
                var served = pair();
                streams.serve(served.ours(), served.peer());
                assertThat(served.peers().readText(4)).isEqualTo("who?");
                served.peers().send("me");
                await(context, Counter.MEMBERS, i);
            }
            streams.stop(Duration.ZERO);
        }
    }

    @Test
    void whatComesAfterTheLastReadIsCounted() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var streams = streams(context);
            var pair = pair();
            streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
            await(context, Counter.MEMBERS, 1);
            streams.quiesce(Duration.ofSeconds(5));
            pair.peers().send(new byte[1_000]);
            var stopped = TestClient.later(() -> streams.stop(Duration.ofSeconds(20)));

            TestServer.await("it is counted", () -> context.counters().get(Reason.UNREAD) == 1_000);
            pair.peers().close();
            assertThat(stopped.join()).isEqualTo(Endpoint.Unsent.NONE);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aLoopThatIsBusyHoldsUpNoLastReadBeyondItsLimit() throws Exception {
        try (var context = new TestContext(Map.of())) {
            var streams = streams(context);
            var pair = pair();
            streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
            await(context, Counter.MEMBERS, 1);
            var busy = new CountDownLatch(1);
            context.loops().all().forEach(loop -> loop.execute(() -> await(busy)));
            try {
                var quiesced = TestClient.later(() -> {
                    streams.quiesce(Duration.ofMillis(10));
                    return null;
                });
                quiesced.get(8, TimeUnit.SECONDS); // far less than a loop's turn may take
            } finally {
                busy.countDown();
            }
            streams.stop(Duration.ZERO);
        }
    }
}
