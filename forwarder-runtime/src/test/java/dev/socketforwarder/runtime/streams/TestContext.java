package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.streams.member.StreamRules;
import dev.socketforwarder.runtime.testing.TestLoop;
import dev.socketforwarder.runtime.tls.DialledTls;
import dev.socketforwarder.testkit.MapSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * What the runtime would give to an endpoint: real groups and streams, and settings from a map. The policy {@code
 * prefix} is asked after the {@code policy} in the map, if there is one.
 */
public final class TestContext implements TransportContext, AutoCloseable {
    public static final String PREFIX = "SOCKETFORWARDER-NEW:";

    private volatile StreamServer streams; // null: nobody asked for it
    private final Map<String, Object> values;
    private final Map<Reason, String> lastDetails = new ConcurrentHashMap<>();
    private final Counters counters;
    private final QueuedBytes queued;
    private final GroupRegistry groups;
    private final Places connections;
    private final EventLoops loops;
    private TestLoop loop; // null: nobody has asked for the loop; guarded by this

    public TestContext(Map<String, Object> values) {
        this(values, FlowLimits.DEFAULT);
    }

    TestContext(Map<String, Object> values, FlowLimits limits) {
        this(values, Framing.RAW, limits);
    }

    public TestContext(Map<String, Object> values, Framing framing, FlowLimits limits) {
        this.values = values;
        this.counters = new Counters();
        this.queued = new QueuedBytes();
        this.loops = new EventLoops((Duration) values.getOrDefault("group-time", Duration.ofMinutes(1)));
        this.connections = new Places(settings().number("max-connections", 1_000_000, 1, 1_000_000));
        this.groups = new GroupRegistry(
                GroupTable.rules(settings(), framing, limits), Long.MAX_VALUE / 2, queued, counters, System::nanoTime);
    }

    private TestContext(TestContext shared, Map<String, Object> values) {
        this.values = values;
        this.counters = shared.counters;
        this.queued = shared.queued;
        this.groups = shared.groups;
        this.connections = shared.connections;
        this.loops = shared.loops;
    }

    /** {@return the context of another endpoint in the same process: the same groups, and one more setting} */
    public TestContext with(String key, Object value) {
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

    /** {@return how many bytes of memory hold queued bytes now} */
    public long heldQueueBytes() {
        return queued.held.get();
    }

    public int groupCount() {
        return groups.size();
    }

    @Override
    public Groups groups() {
        return groups;
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        var prefix = new PrefixHandshake().create(settings());
        if (!(values.get("policy") instanceof HandshakePolicy policy)) {
            return prefix;
        }
        var first = policy.create(settings());
        try {
            first.prepare();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return (peer, bytes, arrival) -> {
            var outcome = first.consider(peer, bytes, arrival);
            return outcome instanceof Handshake.Admitted ? outcome : prefix.consider(peer, bytes, arrival);
        };
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.ofNullable((Tls) values.get("tls"));
    }

    /** Loads the files at once. */
    @Override
    public Optional<Tls> tlsTo(Settings server, String host) {
        var tls = DialledTls.read(name(), server.section("tls"), host);
        tls.ifPresent(DialledTls::load);
        return tls.map(Function.identity());
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
        lastDetails.put(reason, detail);
    }

    /** {@return the detail of the last refusal for this reason; empty if there was no such refusal} */
    public String lastDetail(Reason reason) {
        return lastDetails.getOrDefault(reason, "");
    }

    @Override
    public Places connections() {
        return connections;
    }

    @Override
    public StreamServer streams(List<String> policies) {
        streams = new StreamServer(this, groups, loops, rules(handshake(policies)));
        return streams;
    }

    @Override
    public StreamServer streams(List<String> policies, Codec.Factory codecs) {
        streams = new StreamServer(this, groups, loops, rules(handshake(policies), true), Optional.of(codecs));
        return streams;
    }

    /** {@return what the settings say of connections} */
    public StreamRules rules(Handshake handshake) {
        return rules(handshake, false);
    }

    private StreamRules rules(Handshake handshake, boolean haveCodecs) {
        return StreamRules.read(
                settings(), connections.most(), handshake, values.containsKey("policies-may-block"), tls(), haveCodecs);
    }

    /** {@return the server of connections that was made last} */
    public StreamServer streams() {
        return streams;
    }

    public EventLoops loops() {
        return loops;
    }

    @Override
    public synchronized EndpointLoop loop() {
        if (loop == null) {
            loop = new TestLoop(name(), groups);
        }
        return loop.loop();
    }

    @Override
    public int parallelism() {
        return (int) values.getOrDefault("event-loops", 3);
    }

    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.close();
        }
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

    @Override
    public List<InheritedSocket> inheritedSockets(Transport.Protocol protocol, List<InetSocketAddress> configured) {
        return List.of();
    }

    @Override
    public void saveState(byte[] state) {
        // Nothing in these tests keeps any.
    }

    @Override
    public Optional<byte[]> takeState() {
        return Optional.empty();
    }
}
