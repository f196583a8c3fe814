package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.service.AdoptedListener;
import dev.socketforwarder.runtime.streams.arrival.Admission;
import dev.socketforwarder.runtime.streams.arrival.Listener;
import dev.socketforwarder.runtime.streams.arrival.Reception;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.loop.Outstanding;
import dev.socketforwarder.runtime.streams.member.Connection;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.member.StreamRules;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Serves the connections of one endpoint, on whichever event loops they live, and the endpoint's listeners. */
public final class StreamServer implements Streams {
    private static final Logger LOG = System.getLogger(StreamServer.class.getName());
    private static final String ITSELF = "this forwarder listens there, so data would come back again and again";
    private static final Consumer<Reason> IGNORED = _ -> {};
    /** How long a stop waits for peers that have connected and not joined. */
    private static final Duration LONGEST_ARRIVAL = Duration.ofMillis(500);
    /** The longest limit that is used for a wait, so that every limit can be counted in nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private final TransportContext context;
    private final EventLoops loops;
    private final StreamContext shared;
    private final Reception reception;
    private final Dialled dialled = new Dialled(this);

    // The fields below are guarded by this.
    private final List<Listener> listeners = new ArrayList<>();
    private boolean hasLoops;
    private boolean stopped;

    /**
     * Make the server for the connections of one endpoint. No thread is started yet.
     *
     * @param context the endpoint's context
     * @param groups the groups that peers join, whose members are owned by the loops
     * @param loops the event loops that all endpoints share
     * @param rules what the configuration says of the connections
     */
    public StreamServer(TransportContext context, Groups groups, EventLoops loops, StreamRules rules) {
        this(context, groups, loops, rules, Optional.empty());
    }

    /** Make the server for the connections of one endpoint, whose clients speak through codecs. No thread is started yet. */
    public StreamServer(
            TransportContext context,
            Groups groups,
            EventLoops loops,
            StreamRules rules,
            Optional<Codec.Factory> codecs) {
        this.context = context;
        this.loops = loops;
        this.shared = new StreamContext(context, groups, loops, rules, codecs);
        this.reception = new Reception(shared);
    }

    TransportContext context() {
        return context;
    }

    EventLoops loops() {
        return loops;
    }

    /** {@return the rules that are in force} */
    public StreamRules rules() {
        return shared.rules();
    }

    /**
     * Put other rules in force for what happens from now on. Members keep the times and limits with which they came. Any thread.
     */
    public void adopt(StreamRules changed) {
        shared.adopt(changed);
        reception.adopt(changed.settings());
    }

    @Override
    public void listen(ServerSocketChannel bound) throws IOException {
        HandedOver.requireOwn(bound);
        try {
            bound.configureBlocking(false); // outside the lock, since this waits for a thread that still accepts
            var address = bound.getLocalAddress();
            if (address == null) {
                throw new IOException(context.name() + " cannot listen: the channel is not bound");
            }
            begin(bound, address);
        } catch (IOException e) {
            bound.close();
            throw e;
        }
    }

    @Override
    public synchronized void unlisten(ServerSocketChannel bound) {
        for (var listener : List.copyOf(listeners)) {
            if (listener.isOn(bound)) {
                listeners.remove(listener);
                listener.loop().execute(listener::drain);
            }
        }
    }

    /** {@return what makes the TLS engines for the servers that are dialled now} */
    public Set<Tls> dialledTls() {
        return dialled.tls();
    }

    @Override
    public void adopt(InheritedSocket inherited) throws IOException {
        var channel = AdoptedListener.of(inherited);
        try {
            channel.configureBlocking(false);
            begin(channel, inherited.address());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private synchronized void begin(ServerSocketChannel bound, SocketAddress address) throws IOException {
        requireLoops();
        var listener = new Listener(reception, bound, address, loops.next());
        listeners.add(listener);
        listener.loop().execute(listener::begin);
    }

    /** Start the loops when the first listener or connection needs them. Called with the lock held. */
    private void requireLoops() throws IOException {
        if (stopped) {
            throw new IOException(context.name() + " has stopped");
        }
        if (!hasLoops) {
            loops.acquire(context.parallelism());
            hasLoops = true;
        }
    }

    @Override
    public void serve(SocketChannel connection, Peer peer) {
        HandedOver.require(connection, peer);
        var entry = reception.opened(IGNORED);
        place(connection, entry, () -> {
            var loop = loops.next();
            loop.execute(() -> reception.arrive(connection, peer, entry, loop));
        });
    }

    @Override
    public void join(SocketChannel connection, Peer peer, GroupId id, ByteBuffer greeting, Consumer<Reason> onClosed) {
        HandedOver.require(connection, peer);
        Objects.requireNonNull(id);
        Objects.requireNonNull(onClosed);
        var first = HandedOver.copy(greeting);
        place(
                connection,
                peer,
                id,
                onClosed,
                (entry, group) -> reception.join(connection, peer, entry, group, _ -> first));
    }

    Reception reception() {
        return reception;
    }

    /**
     * Begin a connection that configuration asks for on its group's loop, and report its end on the endpoint's loop.
     */
    void place(
            SocketChannel connection,
            Peer peer,
            GroupId id,
            Consumer<Reason> onClosed,
            BiConsumer<Admission.Entry, LoopGroup> begin) {
        var loop = context.loop(); // a plugin's code runs there, and must hold up no other endpoint
        var entry = reception.opened(why -> loop.execute(() -> onClosed.accept(why)));
        if (isToItself(connection)) {
            shared.refused(Reason.CONNECT_FAILED, peer, ITSELF, ByteBuffer.allocate(0));
            reception.forget(connection, entry, Reason.CONNECT_FAILED);
            return;
        }
        place(connection, entry, () -> {
            var group = loops.enter(id);
            group.loop().execute(() -> begin.accept(entry, group));
        });
    }

    @Override
    public Dialling dial(Target target) {
        return dialled.dial(target);
    }

    private boolean isToItself(SocketChannel connection) {
        try {
            return loops.listeningAddresses().isOwn(connection.getRemoteAddress());
        } catch (IOException _) {
            return false; // the connection is closed, which is found soon
        }
    }

    /** Hand over a connection to a loop, but not while the loops may end. Any thread may call this. */
    private void place(SocketChannel connection, Admission.Entry entry, Runnable handOver) {
        try {
            connection.configureBlocking(false); // outside the lock, since this waits for a thread that still reads
            synchronized (this) {
                requireLoops();
                handOver.run();
                return;
            }
        } catch (ClosedChannelException _) {
            reception.vanished(connection, entry);
            return;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "Closing a new connection at once: " + e.getMessage());
        }
        // This may be the endpoint's first connection, and descriptors may be short for the loops.
        var reason = isStopped() ? Reason.STOPPED : Reason.ACCEPT_FAILED;
        context.counters().add(reason, 1);
        reception.forget(connection, entry, reason);
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    @Override
    public void quiesce(Duration limit) {
        var reading = new Outstanding();
        var bounded = bounded(limit);
        long endNs = System.nanoTime() + bounded.toNanos();
        dialled.end();
        admitWaiting(bounded);
        synchronized (this) {
            shared.quiesce();
            if (!hasLoops || stopped) {
                return; // other endpoints' loops may hang or end, and nothing here has to wait for those
            }
        }
        loops.onEach(bounded, loop -> {
            admitNobody(loop);
            shared.members().each(loop, connection -> connection.quiesce(reading));
        });
        reading.await(Duration.ofNanos(endNs - System.nanoTime()));
    }

    /**
     * Where another process shares the port and goes on, refuse nobody: accept the connections that the kernel has completed,
     * and let those join that are about to.
     */
    private void admitWaiting(Duration limit) {
        var sharing = listeners().stream().filter(Listener::sharesPort).toList();
        if (sharing.isEmpty()) {
            return;
        }
        loops.onEach(
                limit,
                loop -> sharing.stream()
                        .filter(listener -> listener.loop() == loop)
                        .forEach(Listener::drain));
        loops.onEach(limit, _ -> {}); // now those that were accepted are on their loops
        var half = limit.dividedBy(2);
        reception.arriving().awaitNone(half.compareTo(LONGEST_ARRIVAL) < 0 ? half : LONGEST_ARRIVAL);
        loops.onEach(limit, _ -> {}); // now those that join are members
    }

    private static Duration bounded(Duration limit) {
        return limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
    }

    private void admitNobody(EventLoop loop) {
        for (var listener : listeners()) {
            if (listener.loop() == loop) {
                listener.close();
            }
        }
        reception.arriving().each(loop, arriving -> arriving.end(Reason.STOPPED));
    }

    private synchronized List<Listener> listeners() {
        return List.copyOf(listeners);
    }

    @Override
    public Unsent stop(Duration limit) {
        var bounded = bounded(limit);
        dialled.end();
        synchronized (this) {
            boolean isFirst = !stopped;
            stopped = true;
            shared.quiesce();
            if (!isFirst || !hasLoops) {
                return Unsent.NONE;
            }
        }
        loops.onEach(loop -> {
            admitNobody(loop); // for the first time if another endpoint could not start
            shared.members().each(loop, Connection::stop);
        });
        reception.awaitNobody(bounded);
        loops.onEach(loop -> shared.members().each(loop, member -> member.close(Reason.STOPPED)));
        loops.release();
        reception.close();
        return shared.unsent();
    }
}
