package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.testing.NetstringCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An endpoint whose clients speak netstrings, beside a plain one that shares its groups. */
final class CodecServer implements AutoCloseable {
    final NetstringCodec.Record record = new NetstringCodec.Record();
    final TestServer plain;
    final TestContext context;
    final Endpoint endpoint;
    private final List<TestClient> clients = new ArrayList<>();

    CodecServer(Map<String, Object> settings) throws IOException {
        this(settings, Framing.RAW, FlowLimits.DEFAULT);
    }

    CodecServer(Map<String, Object> settings, Framing framing, FlowLimits limits) throws IOException {
        plain = new TestServer(settings, framing, limits);
        context = plain.context.with("name", "netstrings");
        endpoint = new ListeningTransport(record::codec).open(context);
        endpoint.start();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) endpoint.localAddresses().getFirst();
    }

    TestClient connect() throws IOException {
        return connect(0);
    }

    private TestClient connect(int receiveBuffer) throws IOException {
        var client = new TestClient(address(), receiveBuffer);
        clients.add(client);
        return client;
    }

    /** Join a client, which has read the answer. */
    TestClient join(String group) throws IOException {
        return join(connect(), 'J', group);
    }

    /** Join a client that reads little, with another encoding. */
    TestClient joinSlow(String group) throws IOException {
        return join(connect(4_096), 'K', group);
    }

    TestClient join(TestClient client, char request, String group) throws IOException {
        client.send(NetstringCodec.frame(request, TestContext.PREFIX + group));
        client.expect("+0:,");
        return client;
    }

    /** What holds a loop until it is closed. */
    interface Hold extends AutoCloseable {
        @Override
        void close();
    }

    /** Hold the loop of a group, so that what the members send meanwhile is read in one turn, in that order. */
    Hold holdLoop(String group) throws IOException {
        var begun = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        var holder = join(group);
        record.onWait = () -> {
            begun.countDown();
            await(goOn);
        };
        holder.send("W0:,");
        await(begun);
        return goOn::countDown;
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nothing has happened for too long");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Wait until each codec was closed, once, and no memory is held. */
    void awaitReleased() {
        TestServer.await("closed codecs", () -> record.closed.get() == record.open.get());
        TestServer.await("no connections", () -> plain.count(Counter.CONNECTIONS) == 0);
        TestServer.await("no memory, not " + context.heldQueueBytes(), () -> plain.context.heldQueueBytes() == 0);
    }

    @Override
    public void close() throws IOException {
        for (var client : clients) {
            client.close();
        }
        endpoint.stop(Duration.ofSeconds(2));
        plain.close();
    }
}
