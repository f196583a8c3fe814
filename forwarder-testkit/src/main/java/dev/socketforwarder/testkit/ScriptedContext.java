package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Provides an endpoint in a test with settings from a map, {@link ScriptedGroups} and a handshake. Unless the test supplies another
 * handshake, the first message {@code JOIN group}, followed by a line feed, admits a peer. Thread-safe.
 */
public final class ScriptedContext implements TransportContext, AutoCloseable {

    /**
     * Records one call of {@link TransportContext#refused}.
     *
     * @param reason the reason that the call named
     * @param source the address that the call named
     */
    public record Refusal(Reason reason, SocketAddress source) {}

    private static final int PARALLELISM = 2;

    private final String name;
    private final MapSettings settings;
    private final ScriptedGroups groups;
    private final Handshake handshake;
    private final Places connections;
    private final Counters counters = new Counters();
    private final List<Refusal> refusals = new CopyOnWriteArrayList<>();
    private final AtomicReference<byte[]> state = new AtomicReference<>();
    private ScriptedLoop loop; // null until the endpoint asks for it; guarded by this
    private boolean begun; // guarded by this

    /**
     * Make the context of one endpoint.
     *
     * @param name the name of the endpoint
     * @param settings the settings of the endpoint, with values as in {@link MapSettings}
     * @param groups the groups that the endpoint's peers join
     */
    public ScriptedContext(String name, Map<String, ?> settings, ScriptedGroups groups) {
        this(name, settings, groups, new ScriptedHandshake(), new Places(Integer.MAX_VALUE));
    }

    /**
     * Make a context with a given handshake and a given number of places.
     *
     * @param name the name of the endpoint
     * @param settings the settings of the endpoint, with values as in {@link MapSettings}
     * @param groups the groups that the endpoint's peers join
     * @param handshake decides about the endpoint's peers
     * @param connections the places for all connections
     */
    public ScriptedContext(
            String name, Map<String, ?> settings, ScriptedGroups groups, Handshake handshake, Places connections) {
        this.name = name;
        this.settings = new MapSettings(settings);
        this.groups = groups;
        this.handshake = handshake;
        this.connections = connections;
    }

    /**
     * {@return the first message by which a peer joins, if the context has the default handshake}
     *
     * @param group the group to join
     */
    public static String firstMessage(String group) {
        return ScriptedHandshake.JOIN + group + "\n";
    }

    /**
     * {@return the refusals so far, in order}
     */
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** Start the loop, if the endpoint uses it or as soon as it does. A test calls this between {@code open} and {@code start}, as the runtime does. */
    public synchronized void begin() {
        begun = true;
        if (loop != null) {
            loop.start(name);
        }
    }

    /** End the loop. A test calls this after the endpoint has stopped. */
    @Override
    public synchronized void close() {
        if (loop != null) {
            loop.stop();
        }
    }

    @Override
    public synchronized EndpointLoop loop() {
        if (loop == null) {
            loop = new ScriptedLoop(groups);
            if (begun) {
                loop.start(name);
            }
        }
        return loop;
    }

    @Override
    public Streams streams(List<String> policies) {
        return new ScriptedStreams(this, loop(), policies, Optional.empty());
    }

    @Override
    public Streams streams(List<String> policies, Codec.Factory codecs) {
        return new ScriptedStreams(this, loop(), policies, Optional.of(codecs));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public MapSettings settings() {
        return settings;
    }

    @Override
    public ScriptedGroups groups() {
        return groups;
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        settings.list("handshake", defaults);
        return handshake;
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.empty();
    }

    @Override
    public Optional<Tls> tlsTo(Settings server, String host) {
        if (server.section("tls").isThere()) {
            throw server.invalid("tls", "", "unset: a scripted context has no TLS to servers");
        }
        return Optional.empty();
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
        refusals.add(new Refusal(reason, source));
    }

    @Override
    public Places connections() {
        return connections;
    }

    @Override
    public int parallelism() {
        return PARALLELISM;
    }

    @Override
    public List<InheritedSocket> inheritedSockets(Transport.Protocol protocol, List<InetSocketAddress> configured) {
        return List.of();
    }

    @Override
    public void saveState(byte[] left) {
        state.set(left.clone());
    }

    @Override
    public Optional<byte[]> takeState() {
        return Optional.ofNullable(state.getAndSet(null));
    }
}
