package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * What an endpoint is given in a test: settings out of a map, {@link ScriptedGroups}, and a handshake that admits {@code
 * JOIN group} with a line feed, or one of the test's own. Thread-safe.
 */
public final class ScriptedContext implements TransportContext, AutoCloseable {

    /**
     * A refusal that was told.
     *
     * @param reason why
     * @param source of whom
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
     * Make one for an endpoint.
     *
     * @param name the endpoint's
     * @param settings the endpoint's, as {@link MapSettings} has them
     * @param groups where its peers join
     */
    public ScriptedContext(String name, Map<String, ?> settings, ScriptedGroups groups) {
        this(name, settings, groups, new ScriptedHandshake(), new Places(Integer.MAX_VALUE));
    }

    /**
     * Make one with a handshake and a number of places of one's own.
     *
     * @param name the endpoint's
     * @param settings the endpoint's, as {@link MapSettings} has them
     * @param groups where its peers join
     * @param handshake decides on its peers
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
     * @param group the one to join
     */
    public static String firstMessage(String group) {
        return ScriptedHandshake.JOIN + group + "\n";
    }

    /**
     * {@return the refusals that were told, in their order}
     */
    public List<Refusal> refusals() {
        return List.copyOf(refusals);
    }

    /** Let the loop run, if the endpoint has asked for it; between {@code open} and {@code start}, as the runtime does. */
    public synchronized void begin() {
        if (loop != null) {
            loop.start(name);
        }
    }

    /** End the loop; after the endpoint has stopped. */
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
