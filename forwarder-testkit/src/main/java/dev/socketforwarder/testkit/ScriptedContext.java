package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Gives an endpoint in a test its settings (out of a map), {@link ScriptedGroups} and a handshake. The handshake admits {@code
 * JOIN group} with a line feed, unless the test brings its own. Thread-safe.
 */
public final class ScriptedContext implements TransportContext, AutoCloseable {

    /**
     * Records one call of {@link TransportContext#refused}.
     *
     * @param reason why
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
    private ScriptedLoop loop; // null: nobody has asked for it; guarded by this

    /**
     * Make the context of one endpoint.
     *
     * @param name the endpoint's
     * @param settings the endpoint's, as {@link MapSettings} has them
     * @param groups the groups that the endpoint's peers join
     */
    public ScriptedContext(String name, Map<String, ?> settings, ScriptedGroups groups) {
        this(name, settings, groups, new ScriptedHandshake(), new Places(Integer.MAX_VALUE));
    }

    /**
     * Make a context with the test's own handshake and number of places.
     *
     * @param name the endpoint's
     * @param settings the endpoint's, as {@link MapSettings} has them
     * @param groups the groups that the endpoint's peers join
     * @param handshake decides about the endpoint's peers
     * @param connections the places of all connections
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
     * {@return the first message with which a peer joins, for the handshake that a context has by default}
     *
     * @param group the group to join
     */
    public static String firstMessage(String group) {
        return ScriptedHandshake.JOIN + group + "\n";
    }

    /**
     * {@return the refusals so far, in their order}
     */
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** Start the loop, if the endpoint uses it. Call this between {@code open} and {@code start}, as the runtime does. */
    public synchronized void begin() {
        if (loop != null) {
            loop.start(name);
        }
    }

    /** End the loop. Call this after the endpoint has stopped. */
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
        }
        return loop;
    }

    @Override
    public Streams streams(List<String> policies) {
        return new ScriptedStreams(this, loop(), policies);
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
}
