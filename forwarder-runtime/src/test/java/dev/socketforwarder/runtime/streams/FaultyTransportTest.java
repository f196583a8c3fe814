package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NotYetConnectedException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A transport that misuses its streams harms only the connection it misuses: no loop, and nobody else. */
@Timeout(60)
class FaultyTransportTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BlockingQueue<Reason> ends = new LinkedBlockingQueue<>();
    /** All sockets of the test, since the garbage collector closes a socket that nothing refers to. */
    private final List<TestClient> peers = new ArrayList<>();

    private TestContext context;
    private StreamServer streams;
    private ServerSocketChannel listener;

    @BeforeEach
    void listen() throws IOException {
        listener = ServerSocketChannel.open().bind(new InetSocketAddress("127.0.0.1", 0));
        context = new TestContext(Map.of());
        streams = context.streams(List.of("prefix"));
    }

    @AfterEach
    void close() throws IOException {
        streams.stop(Duration.ZERO);
        context.close();
        listener.close();
    }

    /** Both ends of a connection that the forwarder does not know yet. */
    private record Pair(SocketChannel ours, TestClient peers) {
        Peer peer() throws IOException {
            return new Peer("tcp", ours.getRemoteAddress(), ours.getLocalAddress());
        }
    }

    private Pair pair() throws IOException {
        var client = new TestClient((InetSocketAddress) listener.getLocalAddress(), 0);
        peers.add(client);
        return new Pair(listener.accept(), client);
    }

    private TestClient member(Consumer<Reason> onClosed) throws IOException {
        var pair = pair();
        long joined = context.counters().get(Counter.JOINED);
        streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, onClosed);
        await(Counter.JOINED, joined + 1);
        return pair.peers();
    }

    private void await(Counter counter, long n) {
        TestServer.await(counter + " " + n, () -> context.counters().get(counter) == n);
    }

    private static void assertForwarded(TestClient one, TestClient other) throws IOException {
        one.send("hello");
        assertThat(other.readText(5)).isEqualTo("hello");
    }

    /** Stop, and assert that the stop is quick and leaves nothing behind. */
    private void assertAllIsGivenBack() {
        long startNs = System.nanoTime();
        streams.stop(Duration.ofSeconds(50));
        assertThat(System.nanoTime() - startNs).isLessThan(TimeUnit.SECONDS.toNanos(40));
        assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
        assertThat(context.counters().get(Counter.MEMBERS)).isZero();
        assertThat(context.loops().groups()).isZero();
        assertThat(context.loops().all()).isEmpty();
        assertThat(context.groupCount()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatItThrowsWhenToldOfAnEndCostsNothing(boolean isError) throws IOException {
        var a = member(ends::add);
        var b = member(ends::add);
        for (int i = 0; i < 6; i++) {
            var last = member(_ -> {
                if (isError) {
                    throw new AssertionError("on purpose");
                }
                throw new IllegalStateException("on purpose");
            });
            last.close();
            await(Counter.CONNECTIONS, 2);
            assertForwarded(a, b);
        }
        assertAllIsGivenBack();
        TestServer.await("both are told", () -> ends.size() == 2);
    }

    @Test
    void whereItBlocksWhenToldOfAnEndItHoldsUpItselfAlone() throws IOException {
        var goOn = new CountDownLatch(1);
        try {
            var last = member(_ -> {
                try {
                    goOn.await();
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            last.close();
            await(Counter.CONNECTIONS, 0);
            var a = member(ends::add);
            var b = member(ends::add);
            assertForwarded(a, b);
            assertAllIsGivenBack();
        } finally {
            goOn.countDown();
        }
        TestServer.await("both are told", () -> ends.size() == 2);
    }

    @Test
    void aMembersChannelThatItClosesItselfIsGivenBackAtTheStop() throws IOException {
        var pair = pair();
        streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
        await(Counter.MEMBERS, 1);
        pair.ours().close();

        assertAllIsGivenBack();
        TestServer.await("the transport is told", () -> !ends.isEmpty());
        assertThat(ends).containsExactly(Reason.STOPPED);
    }

    @Test
    void aChannelThatItClosesDuringTheHandshakeIsGivenBackAtTheStop() throws IOException {
        var pair = pair();
        streams.serve(pair.ours(), pair.peer());
        pair.peers().send("SOCK");
        await(Counter.CONNECTIONS, 1);
        pair.ours().close();

        assertAllIsGivenBack();
    }

    /** This happens, for example, before the start, when no certificate has been loaded yet. */
    @Test
    void aConnectionForWhichThereIsNoEngineCostsNothing() throws IOException {
        Tls failing = () -> {
            throw new IllegalStateException("on purpose");
        };
        streams = context.with("tls", failing).streams(List.of("prefix"));
        var pair = pair();
        streams.serve(pair.ours(), pair.peer());
        pair.peers().awaitClosed();

        await(Counter.CONNECTIONS, 0);
        assertThat(context.counters().get(Reason.INTERNAL_ERROR)).isEqualTo(1);
        assertAllIsGivenBack();
    }

    @Test
    void whatIsMissingIsToldAtOnceAndNothingIsTaken() throws IOException {
        var pair = pair();
        var peer = pair.peer();
        var nameless = new Peer("tcp", null, null);
        assertThatNullPointerException().isThrownBy(() -> streams.serve(null, peer));
        assertThatNullPointerException().isThrownBy(() -> streams.serve(pair.ours(), null));
        assertThatNullPointerException().isThrownBy(() -> streams.serve(pair.ours(), nameless));
        assertThatNullPointerException().isThrownBy(() -> streams.join(null, peer, GROUP, NOTHING, ends::add));
        assertThatNullPointerException().isThrownBy(() -> streams.join(pair.ours(), peer, null, NOTHING, ends::add));
        assertThatNullPointerException().isThrownBy(() -> streams.join(pair.ours(), peer, GROUP, null, ends::add));
        assertThatNullPointerException().isThrownBy(() -> streams.join(pair.ours(), peer, GROUP, NOTHING, null));
        assertThatNullPointerException().isThrownBy(() -> streams.listen(null));

        assertThat(context.counters().get(Counter.CONNECTIONS)).isZero();
        assertThat(pair.ours().isOpen()).isTrue();
        pair.ours().close();
        assertAllIsGivenBack();
        assertThat(ends).isEmpty();
    }

    @Test
    void aConnectionThatIsNotYetOneIsNotTaken() throws IOException {
        try (var pending = SocketChannel.open()) {
            var peer = new Peer("tcp", listener.getLocalAddress(), listener.getLocalAddress());
            pending.configureBlocking(false);
            assertThatThrownBy(() -> streams.serve(pending, peer)).isInstanceOf(NotYetConnectedException.class);
            pending.connect(listener.getLocalAddress());
            assertThatThrownBy(() -> streams.join(pending, peer, GROUP, NOTHING, ends::add))
                    .isInstanceOf(NotYetConnectedException.class);
            assertThat(pending.isOpen()).isTrue();
            assertAllIsGivenBack();
        }
    }

    @Test
    void aConnectionThatIsClosedAlreadyIsGoneLikeAnyOther() throws Exception {
        var pair = pair();
        var peer = pair.peer();
        pair.ours().close();
        streams.serve(pair.ours(), peer);
        streams.join(pair.ours(), peer, GROUP, NOTHING, ends::add);

        assertThat(ends.poll(20, TimeUnit.SECONDS)).isEqualTo(Reason.PROBE);
        await(Counter.CONNECTIONS, 0);
        assertThat(context.counters().get(Reason.PROBE)).isEqualTo(2);
        assertAllIsGivenBack();
    }

    @Test
    void oneThatAnotherThreadStillReadsFromHoldsUpNoLoop() throws Exception {
        var a = member(ends::add);
        var b = member(ends::add);
        for (int i = 0; i < 3; i++) { // as many as there are loops
            var pair = pair();
            var reads = TestClient.later(() -> pair.ours().read(ByteBuffer.allocate(1)));
            awaitThreadIn("sun.nio.ch.SocketChannelImpl", "read", i + 1);
            TestClient.later(() -> {
                streams.serve(pair.ours(), pair.peer());
                return null;
            });
            assertThat(reads).isNotDone();
        }
        assertForwarded(a, b);
        assertThat(streams.stop(Duration.ofSeconds(5))).isNotNull();
        assertThat(context.loops().all()).isEmpty();
    }

    @Test
    void aListenerThatAnotherThreadStillAcceptsFromHoldsUpNoStop() throws Exception {
        member(ends::add);
        TestClient.later(listener::accept);
        awaitThreadIn("sun.nio.ch.ServerSocketChannelImpl", "accept", 1);
        TestClient.later(() -> {
            streams.listen(listener);
            return null;
        });
        awaitThreadIn("sun.nio.ch.ServerSocketChannelImpl", "implConfigureBlocking", 1);

        // On another thread, so that the wait's limit ends a stop that hangs.
        TestClient.later(() -> streams.stop(Duration.ofSeconds(5))).join();
        assertThat(ends).containsExactly(Reason.STOPPED);
    }

    /** Wait until so many threads are in this method. */
    private static void awaitThreadIn(String type, String method, long threads) {
        TestServer.await(
                threads + " in " + method,
                () -> Thread.getAllStackTraces().values().stream()
                                .filter(trace -> List.of(trace).stream()
                                        .anyMatch(frame -> frame.getClassName().equals(type)
                                                && frame.getMethodName().equals(method)))
                                .count()
                        >= threads);
    }

    @Test
    void aListenerThatIsNotBoundIsClosed() throws IOException {
        var unbound = ServerSocketChannel.open();
        assertThatThrownBy(() -> streams.listen(unbound)).isInstanceOf(IOException.class);
        assertThat(unbound.isOpen()).isFalse();
        assertAllIsGivenBack();
    }

    @Test
    void aStopWithALimitThatIsNoneLeavesNothing() throws IOException {
        member(ends::add);
        assertThatNullPointerException().isThrownBy(() -> streams.stop(null));
        assertThatNullPointerException().isThrownBy(() -> streams.quiesce(null));
        streams.quiesce(Duration.ofSeconds(Long.MAX_VALUE));
        streams.stop(Duration.ofSeconds(Long.MAX_VALUE));
        assertThat(ends).containsExactly(Reason.STOPPED);
        assertAllIsGivenBack();
    }

    @Test
    void whoHasNoConnectionWaitsForNoLoop() throws IOException {
        member(ends::add);
        var goOn = new CountDownLatch(1);
        try {
            context.loops().next().execute(() -> awaitQuietly(goOn));
            var other = context.with("max-connections", 1).streams(List.of("prefix"));
            long startNs = System.nanoTime();
            other.quiesce(Duration.ofSeconds(5));
            other.stop(Duration.ofSeconds(5));
            assertThat(System.nanoTime() - startNs).isLessThan(TimeUnit.SECONDS.toNanos(9));
        } finally {
            goOn.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
