package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.config.SettingsView;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.logging.RefusalLog;
import dev.socketforwarder.runtime.loop.EndpointThread;
import dev.socketforwarder.runtime.plugins.Plugin;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.policies.HandshakeChain;
import dev.socketforwarder.runtime.process.SavedStates;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.service.InheritedSockets;
import dev.socketforwarder.runtime.streams.StreamServer;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.streams.member.StreamRules;
import dev.socketforwarder.runtime.text.Printable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Gives one endpoint access to the runtime. */
public final class EndpointContext implements TransportContext {

    /** What endpoints take over from those before them, in this process or an earlier one. */
    public record Inheritance(InheritedSockets sockets, SavedStates states) {
        /** {@return what a process has that no service manager started} */
        public static Inheritance none() {
            return new Inheritance(InheritedSockets.of(Map.of(), 0), new SavedStates(Optional.empty()));
        }
    }

    /** What all endpoints share. */
    public record Shared(
            Plugins plugins,
            GroupRegistry groups,
            RefusalLog refusals,
            int parallelism,
            Places connections,
            EventLoops loops,
            Inheritance inheritance) {
        /** {@return the same, but with other plugins} */
        public Shared with(Plugins others) {
            return new Shared(others, groups, refusals, parallelism, connections, loops, inheritance);
        }

        /** Change how many connections the process may have. Nobody loses a connection. */
        public void resizeConnections(int most) {
            loops.fairPlaces(connections).resize(most);
        }
    }

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final String name;
    private final String plugin;
    private final Set<String> readByTransport = new HashSet<>();
    private final Set<String> readElsewhere = new HashSet<>();
    private volatile EndpointReading reading;
    private volatile Shared shared;
    private final EndpointGroups all; // where members of the runtime join
    private final Groups groups; // where members of the endpoint's transport join
    private volatile Counters counters;
    private volatile StreamServer streams; // null: nobody asked for it

    // Guarded by this.
    private EndpointThread loop; // null: nobody asked for it
    private boolean prepared;

    private boolean expectsLines; // only used in the transport's open()

    EndpointContext(String name, SettingsView settings, GroupTable rules, Shared shared) {
        this(name, settings, rules, shared, "", new Counters());
    }

    /** Make the context of an endpoint that goes on with these counters; {@code plugin} is empty for a transport of the image. */
    EndpointContext(
            String name, SettingsView settings, GroupTable rules, Shared shared, String plugin, Counters counters) {
        this.counters = counters;
        this.plugin = plugin;
        this.name = name;
        this.shared = shared;
        this.reading = new EndpointReading(name, settings);
        this.all = new EndpointGroups(name, shared.groups(), rules);
        this.groups = plugin.isEmpty() ? all : new GuardedGroups(all, this::loop);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Settings settings() {
        return reading.settings();
    }

    @Override
    public Groups groups() {
        return groups;
    }

    @Override
    public HandshakeChain handshake(List<String> defaults) {
        if (expectsLines) {
            rules().requireLines(reading.settings()); // before the policies read how a first message ends
        }
        return reading.handshake(defaults, shared.plugins());
    }

    @Override
    public Optional<Tls> tls() {
        return reading.tls();
    }

    @Override
    public Optional<Tls> tlsTo(Settings server, String host) {
        return reading.tlsTo(server, host);
    }

    /**
     * Load the files that the configuration names.
     *
     * @throws SettingException if a file cannot be used
     */
    public void load() {
        reading.load();
    }

    /** Let the handshakes look up and load what they need, before the endpoint starts. */
    public void prepare() throws IOException {
        reading.prepare();
        synchronized (this) {
            prepared = true;
            if (loop != null) {
                loop.start();
            }
        }
    }

    /** Let a line feed end the first messages of this endpoint if there are framed groups. Call before the transport opens it. */
    void expectLines() {
        expectsLines = true;
    }

    GroupTable rules() {
        return all.rules();
    }

    /** {@return whether the endpoint has connections, whose peers name their groups} */
    boolean hasStreams() {
        return streams != null;
    }

    /** {@return whether one of the endpoint's policies belongs to this plugin} */
    boolean asks(String plugin) {
        return reading.asks(plugin);
    }

    /** {@return whether a policy of a plugin is installed} */
    public boolean mayAskForeign() {
        return shared.plugins().policies().values().stream().anyMatch(Plugin::isForeign);
    }

    /** Release what {@link #prepare} began. The endpoint's loop ends after the current turn. */
    public void close() {
        reading.close();
        if (streams != null) {
            streams.stop(Duration.ZERO); // the endpoint may have failed to do so
        }
        all.close();
        synchronized (this) {
            prepared = false; // a loop that is requested from now on never begins
        }
        begunLoop().ifPresent(EndpointThread::end);
        giveBackSockets();
    }

    /** Let another endpoint have the sockets of the service manager. Call when this endpoint accepts nothing more. */
    public void giveBackSockets() {
        shared.inheritance().sockets().giveBack(this);
    }

    private synchronized Optional<EndpointThread> begunLoop() {
        return Optional.ofNullable(loop);
    }

    /** Wait for the end of the endpoint's loop, but no longer than this. */
    public void awaitEnd(Duration limit) {
        begunLoop().ifPresent(begun -> begun.awaitEnd(limit));
    }

    /** {@return the keys that the transport has read, whose changes only the transport can heed} */
    Set<String> readByTransport() {
        return readByTransport;
    }

    /** Prepare what was read, for an endpoint that adopts it. */
    void prepareReading() throws IOException {
        reading.prepare();
    }

    /**
     * Go on with what another reading of the configuration says, which {@code fresh} was opened with. The endpoint that was opened
     * with {@code fresh} never starts.
     *
     * @param isTaken whether the transport took over what it read
     */
    void adopt(EndpointContext fresh, boolean isTaken) throws IOException {
        boolean areStreams = streams != null && fresh.streams != null;
        if (!areStreams && !isTaken) {
            fresh.reading.close(); // the transport goes on with the old handshakes
            all.adopt(fresh.rules());
            return;
        }
        var before = reading;
        fresh.reading.prepare(); // the first of all that may fail
        fresh.reading.takeDialled(before, streams == null ? Set.of() : streams.dialledTls());
        reading = fresh.reading;
        all.adopt(fresh.rules());
        if (areStreams) {
            streams.adopt(fresh.streams.rules());
        }
        before.retire();
    }

    /** Use this from now on, so that no reference to a plugin that is gone remains. */
    public void adopt(Shared others) {
        shared = others;
    }

    /**
     * Leave the counters to the endpoint that takes this one's place, with all gauges at zero. Call when this endpoint has
     * stopped; what it still counts is lost.
     */
    public void leaveCounters() {
        var left = counters;
        counters = new Counters();
        for (var gauge : List.of(Counter.CONNECTIONS, Counter.MEMBERS)) {
            left.add(gauge, -left.get(gauge)); // not zero if a loop hangs
        }
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
        // A valid token may come with a wrong group id, so a message with a token is not shown.
        shared.refusals().report(name, reason, source, detail, reading.isConfidential() ? NOTHING : offending);
    }

    @Override
    public Places connections() {
        return shared.connections();
    }

    @Override
    public synchronized EndpointThread loop() {
        if (loop == null) {
            var stallTimeout = rules().others().flow().stallTimeout();
            var label = name + (plugin.isEmpty() ? "" : " of plugin " + Printable.quoted(plugin));
            loop = new EndpointThread(name, label, shared.groups(), stallTimeout);
            if (prepared) {
                startLate();
            }
        }
        return loop;
    }

    /** Start a loop that was first requested after the start of the endpoint. */
    private void startLate() {
        try {
            loop.start();
        } catch (IOException e) {
            throw new UncheckedIOException("the loop of " + name + " cannot start", e);
        }
    }

    @Override
    public Streams streams(List<String> policies) {
        return streams(policies, Optional.empty());
    }

    @Override
    public Streams streams(List<String> policies, Codec.Factory codecs) {
        return streams(policies, Optional.of(codecs));
    }

    private Streams streams(List<String> policies, Optional<Codec.Factory> codecs) {
        if (streams == null) {
            // The runtime itself heeds changes of what is read here.
            var rules = reading.settings().noting(readElsewhere, () -> streamRules(policies, codecs.isPresent()));
            streams = new StreamServer(this, all, shared.loops(), rules, codecs);
        }
        return streams;
    }

    private StreamRules streamRules(List<String> policies, boolean haveCodecs) {
        var settings = reading.settings();
        expectLines();
        var handshake = handshake(policies);
        int connections = shared.connections().most();
        return StreamRules.read(settings, connections, handshake, handshake.isForeign(), tls(), haveCodecs);
    }

    @Override
    public List<InheritedSocket> inheritedSockets(Protocol protocol, List<InetSocketAddress> configured) {
        return shared.inheritance().sockets().take(this, name, protocol, configured);
    }

    @Override
    public void saveState(byte[] state) {
        shared.inheritance().states().save(name, state);
    }

    @Override
    public Optional<byte[]> takeState() {
        return shared.inheritance().states().take(name);
    }

    @Override
    public int parallelism() {
        return shared.parallelism();
    }
}
