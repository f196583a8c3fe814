package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.function.BooleanSupplier;

/** A started endpoint with its counters. */
public final class TestServer implements AutoCloseable {
    public static final Duration LIMIT = Duration.ofSeconds(10);

    private final Transport transport;
    final TestContext context;
    final Endpoint endpoint;

    private TestServer(Transport transport, TestContext context) throws IOException {
        this.transport = transport;
        this.context = context;
        this.endpoint = transport.open(context);
        endpoint.start();
    }

    /** {@return settings for the IPv4 loopback and a port that the kernel chooses} */
    public static TestSettings settings(IoPath io) {
        return new TestSettings()
                .set("host-address", "127.0.0.1")
                .set("port", 0)
                .set("io", io.name().toLowerCase(Locale.ROOT));
    }

    public static Groups groups() {
        return new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    }

    public static TestServer start(IoPath io) throws IOException {
        return start(settings(io));
    }

    public static TestServer start(TestSettings settings) throws IOException {
        return start(new UdpTransport(), new TestContext("udp", settings, groups()));
    }

    static TestServer start(Transport transport, TestContext context) throws IOException {
        return new TestServer(transport, context);
    }

    /** {@return whether the endpoint goes on with these settings} */
    boolean adopt(TestSettings settings) {
        var fresh = new TestContext(context.name(), settings, context.groups(), context.counters());
        return endpoint.adopt(transport.open(fresh));
    }

    public InetSocketAddress address() {
        return address(0);
    }

    InetSocketAddress address(int socket) {
        return (InetSocketAddress) endpoint.localAddresses().get(socket);
    }

    public int port() {
        return address().getPort();
    }

    /** Make a peer that sends to the first address. */
    public TestPeer peer() throws IOException {
        return new TestPeer(address());
    }

    /** Make a peer that is a member. */
    public TestPeer member() throws IOException {
        var peer = peer();
        long members = count(Counter.MEMBERS);
        peer.register();
        awaitMembers(members + 1);
        return peer;
    }

    public long count(Counter counter) {
        return context.counters().get(counter);
    }

    public long count(Reason reason) {
        return context.counters().get(reason);
    }

    public void awaitMembers(long members) {
        await(() -> count(Counter.MEMBERS) == members, members + " members");
    }

    /** Wait for exactly so many. A turn of the endpoint counts at its end, after its datagrams have been heard. */
    public void awaitCount(Counter counter, long times) {
        await(() -> count(counter) >= times, counter + " " + times + " times");
        assertThat(count(counter)).isEqualTo(times);
    }

    /** Wait for exactly so many. */
    public void awaitCount(Reason reason, long times) {
        await(() -> count(reason) >= times, reason + " " + times + " times");
        assertThat(count(reason)).isEqualTo(times);
    }

    public static void await(BooleanSupplier condition, String what) {
        long deadlineNs = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadlineNs);
            Thread.yield();
        }
    }

    @Override
    public void close() {
        endpoint.stop(Duration.ofSeconds(1));
    }
}
