package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.Framing;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Memory;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.GroupRegistry;
import dev.socketforwarder.runtime.PrefixHandshake;
import dev.socketforwarder.testkit.MapSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What the runtime would give to an endpoint: real groups, settings from a map, and its policies. */
final class TestContext implements TransportContext, AutoCloseable {
    static final String PREFIX = "SOCKETFORWARDER-NEW:";

    private final Map<String, Object> values;
    private final Counters counters;
    private final QueuedBytes queued;
    private final GroupRegistry groups;
    private final Places connections;

    TestContext(Map<String, Object> values) {
        this(values, FlowLimits.DEFAULT);
    }

    TestContext(Map<String, Object> values, FlowLimits limits) {
        this(values, Framing.RAW, limits);
    }

    TestContext(Map<String, Object> values, Framing framing, FlowLimits limits) {
        this.values = values;
        this.counters = new Counters();
        this.queued = new QueuedBytes();
        this.connections = new Places(settings().number("max-connections", 1_000_000, 1, 1_000_000));
        this.groups = new GroupRegistry(settings(), framing, limits, queued, counters, System::nanoTime);
    }

    private TestContext(TestContext shared, Map<String, Object> values) {
        this.values = values;
        this.counters = shared.counters;
        this.queued = shared.queued;
        this.groups = shared.groups;
        this.connections = shared.connections;
    }

    /** {@return what another endpoint of the same process is given: the same groups, and one more setting} */
    TestContext with(String key, Object value) {
        var more = new HashMap<>(values);
        more.put(key, value);
        return new TestContext(this, more);
    }

    @Override
    public String name() {
        return "tcp";
    }

    @Override
    public Settings settings() {
        return new MapSettings(values);
    }

    /** {@return the memory that holds queued bytes now} */
    long heldQueueBytes() {
        return queued.held.get();
    }

    int groupCount() {
        return groups.size();
    }

    @Override
    public Groups groups() {
        return groups;
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        var address = new AddressPolicy().create(settings());
        var prefix = new PrefixHandshake().create(settings());
        try {
            address.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (peer, bytes, arrival) -> {
            var outcome = address.consider(peer, bytes, arrival);
            return outcome instanceof Handshake.Admitted ? outcome : prefix.consider(peer, bytes, arrival);
        };
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.ofNullable((Tls) values.get("tls"));
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
    }

    @Override
    public Places connections() {
        return connections;
    }

    @Override
    public int parallelism() {
        return 3;
    }

    @Override
    public void close() {
        groups.close();
    }

    private static final class QueuedBytes implements Memory {
        final AtomicLong held = new AtomicLong();

        @Override
        public ByteBuffer acquire(int bytes) {
            held.addAndGet(bytes);
            return ByteBuffer.allocateDirect(bytes);
        }

        @Override
        public void release(ByteBuffer buffer) {
            held.addAndGet(-buffer.capacity());
        }
    }
}
