package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transport can do wrong with its streams costs what it was done with, and neither a loop nor anybody else. */
@Timeout(60)
class FaultyTransportTest {
    private static final GroupId GROUP = GroupId.of("g");
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final BlockingQueue<Reason> ends = new LinkedBlockingQueue<>();
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

    /** Both ends of a connection that the forwarder has nothing to do with yet. */
    private record Pair(SocketChannel ours, TestClient peers) {
        Peer peer() throws IOException {
            return new Peer("tcp", ours.getRemoteAddress(), ours.getLocalAddress());
        }
    }

    private Pair pair() throws IOException {
        var client = new TestClient((InetSocketAddress) listener.getLocalAddress(), 0);
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

    /** Stop, which has to be quick, and to leave nothing. */
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
        assertThat(ends).hasSize(2);
    }

    @Test
    void aMembersChannelThatItClosesItselfIsGivenBackAtTheStop() throws IOException {
        var pair = pair();
        streams.join(pair.ours(), pair.peer(), GROUP, NOTHING, ends::add);
        await(Counter.MEMBERS, 1);
        pair.ours().close();

        assertAllIsGivenBack();
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
}
