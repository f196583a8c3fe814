package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.HostPort;
import dev.socketforwarder.api.Outstanding;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** One TCP endpoint: its listeners, the servers that it connects to, and the connections of both. */
final class TcpEndpoint implements Endpoint {
    private static final Logger LOG = System.getLogger(TcpEndpoint.class.getName());

    private final TransportContext context;
    private final TcpSettings settings;
    private final Handshake handshake;
    private final Tls tls; // null: plain
    private final EventLoops loops;
    private final TcpLimits limits;
    private final Door door;

    private final List<Listener> listeners = new ArrayList<>();
    private final List<Dialler> diallers = new ArrayList<>();
    private final Outstanding connections = new Outstanding();
    private final AtomicInteger unsentMembers = new AtomicInteger();
    private final AtomicLong unsentBytes = new AtomicLong();
    private volatile boolean quiescing;
    private boolean started;

    TcpEndpoint(TransportContext context, TcpSettings settings, EventLoops loops) {
        this.context = context;
        this.settings = settings;
        this.handshake = context.handshake(List.of("address", "prefix"));
        requireRoomForFirstMessages();
        this.tls = context.tls().orElse(null);
        this.loops = loops;
        this.limits = TcpLimits.read(context.settings());
        this.door = new Door(context, limits);
    }

    private void requireRoomForFirstMessages() {
        int limit = settings.firstMessageLimit();
        int shortest = handshake.shortestMessage();
        if (limit < shortest) {
            throw context.settings()
                    .invalid(
                            "first-message-limit",
                            Integer.toString(limit),
                            "at least " + shortest + ", or no first message fits");
        }
    }

    TransportContext context() {
        return context;
    }

    TcpSettings settings() {
        return settings;
    }

    TcpLimits limits() {
        return limits;
    }

    Door door() {
        return door;
    }

    Handshake handshake() {
        return handshake;
    }

    EventLoops loops() {
        return loops;
    }

    boolean isQuiescing() {
        return quiescing;
    }

    @Override
    public void start() throws IOException {
        loops.acquire(context.parallelism());
        started = true;
        try {
            bindAll();
        } catch (IOException | RuntimeException e) {
            listeners.forEach(Listener::close);
            listeners.clear();
            started = false;
            loops.release();
            throw e;
        }
        for (var listener : listeners) {
            listener.loop().execute(listener::begin);
        }
        for (var target : settings.connect()) {
            var dialler = new Dialler(this, target);
            diallers.add(dialler);
            dialler.loop().execute(dialler::begin);
        }
    }

    private void bindAll() throws IOException {
        if (!settings.listens()) {
            return;
        }
        int port = settings.port();
        for (var address : HostPort.resolve("host-address", settings.hosts())) {
            var listener = Listener.bind(this, new InetSocketAddress(address, port), loops.next());
            listeners.add(listener);
            port = listener.address().getPort(); // what the kernel chose for the first serves all
        }
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return listeners.stream().<SocketAddress>map(Listener::address).toList();
    }

    /** A connection came. On a listener's loop. */
    void accepted(SocketChannel channel) {
        context.counters().add(Counter.ACCEPTED, 1);
        var entry = opened(_ -> {});
        try {
            var remote = (InetSocketAddress) channel.getRemoteAddress();
            var peer = new Peer(context.name(), remote, (InetSocketAddress) channel.getLocalAddress());
            boolean isProxied = door.isProxy(remote.getAddress());
            var refusal = entry.enter();
            if (refusal.isEmpty() && !isProxied) {
                refusal = entry.identify(remote.getAddress());
            }
            if (refusal.isPresent()) {
                refused(refusal.get(), peer, "", ByteBuffer.allocate(0));
                forget(channel, entry, refusal.get());
                return;
            }
            var wire = PlainWire.ofClient(channel);
            var loop = loops.next();
            loop.executeHere(() -> {
                var arriving = new Arriving(this, wire, peer, entry, loop);
                var first = isProxied ? new ProxyStage(arriving) : stageOfClient(arriving);
                arriving.begin(first, SelectionKey.OP_READ, settings.firstMessageTimeout());
            });
        } catch (IOException _) {
            // Gone before we looked at it.
            context.counters().add(Reason.PROBE, 1);
            forget(channel, entry, Reason.PROBE);
        }
    }

    /** Count a connection, which needs a {@link #forget}; {@code onLeft} is told then why it ended. */
    Door.Entry opened(Consumer<Reason> onLeft) {
        connections.add();
        context.counters().add(Counter.CONNECTIONS, 1);
        return door.new Entry(onLeft);
    }

    /** {@return what comes first on a connection of which nothing but a proxy's header has been read; on its loop} */
    Stage stageOfClient(Arriving arriving) {
        if (tls == null) {
            return new Handshaking(arriving);
        }
        var scratch = arriving.loop().tlsScratch();
        var wire = new TlsWire(arriving.wire().socket(), tls.newEngine(), loops.tlsBuffers(), scratch);
        return new TlsHandshaking(arriving, wire);
    }

    void refused(Reason reason, Peer peer, String detail, ByteBuffer offending) {
        context.refused(reason, peer.remote(), detail, offending);
    }

    /** A member misses what was queued for it. Of interest at the stop, also where it was closed before the stop's end. */
    void unsent(long bytes) {
        if (quiescing) {
            unsentMembers.incrementAndGet();
            unsentBytes.addAndGet(bytes);
        }
    }

    /** Close a connection, whatever became of its peer. On its loop. */
    void forget(Channel channel, Door.Entry entry, Reason why) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing a connection", e);
        }
        entry.leave(why);
        context.counters().add(Counter.CONNECTIONS, -1);
        connections.done();
    }

    @Override
    public void quiesce(Duration limit) {
        var reading = new Outstanding();
        quiescing = true;
        onEachLoop(loop -> {
            admitNobody(loop);
            eachConnection(loop, connection -> connection.quiesce(reading));
        });
        reading.await(limit);
    }

    private void admitNobody(EventLoop loop) {
        for (var listener : listeners) {
            if (listener.loop() == loop) {
                listener.close();
            }
        }
        for (var dialler : diallers) {
            if (dialler.loop() == loop) {
                dialler.end();
            }
        }
        eachArriving(loop, arriving -> arriving.end(Reason.STOPPED));
    }

    @Override
    public Unsent stop(Duration limit) {
        if (!started) {
            return Unsent.NONE;
        }
        started = false;
        quiescing = true;
        onEachLoop(loop -> {
            admitNobody(loop); // again, or for the first time where another endpoint could not start
            eachConnection(loop, Connection::stop);
        });
        connections.await(limit);
        onEachLoop(loop -> eachConnection(loop, connection -> connection.close(Reason.STOPPED)));
        loops.release();
        listeners.clear();
        return new Unsent(unsentMembers.get(), unsentBytes.get());
    }

    /** Run it on every loop, and wait for all. */
    private void onEachLoop(Consumer<EventLoop> action) {
        var running = new Outstanding();
        for (var loop : loops.all()) {
            running.add();
            loop.execute(() -> {
                try {
                    action.accept(loop);
                } finally {
                    running.done();
                }
            });
        }
        running.await(Duration.ofSeconds(10)); // a loop's turn is bounded: far more than it ever takes
    }

    private void eachConnection(EventLoop loop, Consumer<Connection> action) {
        for (var key : List.copyOf(loop.selector().keys())) {
            if (key.attachment() instanceof Connection connection && connection.endpoint() == this) {
                action.accept(connection);
            }
        }
    }

    private void eachArriving(EventLoop loop, Consumer<Arriving> action) {
        for (var key : List.copyOf(loop.selector().keys())) {
            if (key.attachment() instanceof Arriving arriving && arriving.endpoint() == this) {
                action.accept(arriving);
            }
        }
    }

    static String text(SocketAddress socket) {
        var address = (InetSocketAddress) socket;
        var host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }
}
