package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** A started endpoint on the loopback, with the clients that it has handed out. */
public class TestServer implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(10);

    public final TestContext context;
    public final Endpoint endpoint;
    private final List<TestClient> clients = new ArrayList<>();

    public TestServer(Map<String, Object> settings) throws IOException {
        this(settings, FlowLimits.DEFAULT);
    }

    public TestServer(Map<String, Object> settings, FlowLimits limits) throws IOException {
        this(settings, Framing.RAW, limits);
    }

    public TestServer(Map<String, Object> settings, Framing framing, FlowLimits limits) throws IOException {
        this(new ListeningTransport(), settings, framing, limits);
    }

    /** Start an endpoint of this transport. */
    protected TestServer(Transport transport, Map<String, Object> settings, Framing framing, FlowLimits limits)
            throws IOException {
        var values = new HashMap<String, Object>(Map.of("host-address", List.of("127.0.0.1"), "port", 0));
        values.putAll(settings);
        context = new TestContext(values, framing, limits);
        endpoint = transport.open(context);
        endpoint.start();
    }

    public EventLoops loops() {
        return context.loops();
    }

    /** {@return how many groups have a place on a loop} */
    public int placedGroups() {
        return context.loops().groups();
    }

    public InetSocketAddress address() {
        return (InetSocketAddress) endpoint.localAddresses().getFirst();
    }

    public TestClient connect() throws IOException {
        return remember(new TestClient(address(), 0));
    }

    private TestClient remember(TestClient client) {
        clients.add(client);
        return client;
    }

    /** Join a client to this group. The forwarder has the member when this method returns. */
    public TestClient join(String group) throws IOException {
        return join(group, 0);
    }

    /** Join a client whose kernel takes little while the client reads nothing. */
    public TestClient joinSlow(String group) throws IOException {
        return join(group, 4_096);
    }

    private TestClient join(String group, int receiveBuffer) throws IOException {
        var client = remember(new TestClient(address(), receiveBuffer));
        long joined = count(Counter.JOINED);
        client.send(TestContext.PREFIX + group + "\n");
        awaitAtLeast(Counter.JOINED, joined + 1);
        return client;
    }

    public long count(Counter counter) {
        return context.counters().get(counter);
    }

    public long count(Reason reason) {
        return context.counters().get(reason);
    }

    public void awaitMembers(long members) {
        await(members + " members", () -> count(Counter.MEMBERS) == members);
    }

    public void awaitNoConnections() {
        await("no connections", () -> count(Counter.CONNECTIONS) == 0);
    }

    public void awaitAtLeast(Counter counter, long value) {
        await(counter + " " + value, () -> count(counter) >= value);
    }

    public void awaitOnce(Reason reason) {
        await(reason.label(), () -> count(reason) >= 1);
        assertThat(count(reason)).as(reason.label()).isEqualTo(1);
    }

    /** Wait until nothing has been read or written for a while, so that the forwarder waits for the peers. */
    public void awaitQuiet() {
        long[] last = {-1, System.nanoTime()};
        await("quiet", () -> {
            long now = count(Counter.BYTES_IN) + count(Counter.BYTES_OUT);
            if (now != last[0]) {
                last[0] = now;
                last[1] = System.nanoTime();
            }
            return System.nanoTime() - last[1] > 100_000_000;
        });
    }

    public static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(endNs);
            LockSupport.parkNanos(200_000);
        }
    }

    /** {@return how long the event loops use a processor while the peers do nothing, in milliseconds} */
    public static long cpuMsWhileIdle() {
        long before = cpuNs();
        long endNs = System.nanoTime() + 250_000_000; // the length of the measurement
        while (System.nanoTime() < endNs) {
            LockSupport.parkNanos(endNs - System.nanoTime());
        }
        return (cpuNs() - before) / 1_000_000;
    }

    private static long cpuNs() {
        var threads = ManagementFactory.getThreadMXBean();
        return Arrays.stream(threads.getThreadInfo(threads.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().startsWith("event-loop-"))
                .mapToLong(thread -> Math.max(0, threads.getThreadCpuTime(thread.getThreadId())))
                .sum();
    }

    @Override
    public void close() throws IOException {
        for (var client : clients) {
            client.close();
        }
        endpoint.stop(Duration.ofSeconds(2));
        context.close();
    }
}
