package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The connections of one endpoint, wherever on the event loops they live, and its listeners. */
public final class StreamServer implements Streams {
    private static final Logger LOG = System.getLogger(StreamServer.class.getName());
    /** Peers of one endpoint whom policies that block may make wait at once, beside those who wait for these. */
    private static final int MOST_POLICIES = 16;

    private static final String ITSELF = "it is this forwarder itself, which would get what it sends again and again";
    private static final Consumer<Reason> IGNORED = _ -> {};
    /** No limit is taken for longer, so that it can be counted in nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(1);

    private final TransportContext context;
    private final Groups groups;
    private final StreamSettings settings;
    private final Handshake handshake;
    private final Tls tls; // null: plain
    private final EventLoops loops;
    private final Door door;
    private final OffLoop policies; // null: they are asked on the loop
    private final Population population;
    private final Reception reception;
    private final Dialled dialled = new Dialled(this);

    private final AtomicInteger numbers = new AtomicInteger();
    private final AtomicInteger unsentMembers = new AtomicInteger();
    private final AtomicLong unsentBytes = new AtomicLong();
    private volatile boolean quiescing;

    // Guarded by this from here on.
    private final List<Listener> listeners = new ArrayList<>();
    private boolean hasLoops;
    private boolean stopped;

    /**
     * Make what serves the connections of one endpoint; no thread is started yet.
     *
     * @param context the endpoint's
     * @param groups where its peers join: with the loops as their owners
     * @param loops shared by all endpoints
     * @param handshake decides on the peers
     * @param mayBlock whether {@code handshake} is asked on threads of its own, since nobody knows what it does
     * @throws dev.socketforwarder.api.SettingException if a setting is wrong
     */
    public StreamServer(
            TransportContext context, Groups groups, EventLoops loops, Handshake handshake, boolean mayBlock) {
        this.context = context;
        this.groups = groups;
        this.loops = loops;
        this.settings =
                StreamSettings.read(context.settings(), context.connections().most());
        this.handshake = handshake;
        this.policies = mayBlock ? new OffLoop(context.name() + "-policy-", () -> MOST_POLICIES) : null;
        this.tls = context.tls().orElse(null);
        this.door = new Door(context, settings, loops);
        this.population = new Population(loops);
        this.reception = new Reception(this);
        if (settings.firstMessageLimit() < handshake.shortestMessage()) {
            throw context.settings()
                    .invalid(
                            "first-message-limit",
                            Integer.toString(settings.firstMessageLimit()),
                            "at least " + handshake.shortestMessage() + ", or no first message fits");
        }
    }

    TransportContext context() {
        return context;
    }

    Groups groups() {
        return groups;
    }

    StreamSettings settings() {
        return settings;
    }

    Door door() {
        return door;
    }

    Handshake handshake() {
        return handshake;
    }

    /** {@return where the policies are asked; empty: on the loop} */
    Optional<OffLoop> policies() {
        return Optional.ofNullable(policies);
    }

    EventLoops loops() {
        return loops;
    }

    /** {@return what makes the TLS engines; empty: it is plain} */
    Optional<Tls> tls() {
        return Optional.ofNullable(tls);
    }

    Reception reception() {
        return reception;
    }

    Population population() {
        return population;
    }

    /** {@return the next member's number, from 1 on} */
    int nextNumber() {
        return numbers.incrementAndGet();
    }

    boolean isQuiescing() {
        return quiescing;
    }

    @Override
    public void listen(ServerSocketChannel bound) throws IOException {
        Handed.requireOwn(bound);
        try {
            bound.configureBlocking(false); // not locked: it waits for whoever still accepts from it
            begin(bound);
        } catch (IOException e) {
            bound.close();
            throw e;
        }
    }

    private synchronized void begin(ServerSocketChannel bound) throws IOException {
        if (bound.getLocalAddress() == null) {
            throw new IOException(context.name() + " cannot listen: the channel is not bound");
        }
        requireLoops();
        var listener = new Listener(this, bound, loops.next());
        listeners.add(listener);
        listener.loop().execute(listener::begin);
    }

    /** With the first thing that needs them. Locked. */
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
        Handed.require(connection, peer);
        var entry = reception.opened(IGNORED);
        place(connection, entry, () -> {
            var loop = loops.next();
            loop.execute(() -> reception.arrive(connection, peer, entry, loop));
        });
    }

    @Override
    public void join(SocketChannel connection, Peer peer, GroupId id, ByteBuffer greeting, Consumer<Reason> onClosed) {
        Handed.require(connection, peer);
        Objects.requireNonNull(id);
        Objects.requireNonNull(onClosed);
        var first = Handed.copy(greeting);
        place(
                connection,
                peer,
                id,
                onClosed,
                (entry, group) -> reception.join(connection, peer, entry, group, _ -> first));
    }

    /** Have a connection of configuration's begin on its group's loop, and tell of its end on the endpoint's. */
    void place(
            SocketChannel connection,
            Peer peer,
            GroupId id,
            Consumer<Reason> onClosed,
            BiConsumer<Door.Entry, LoopGroup> begin) {
        var loop = context.loop(); // what the plugin does then must hold up nobody else
        var entry = reception.opened(why -> loop.execute(() -> onClosed.accept(why)));
        if (isToItself(connection)) {
            refused(Reason.CONNECT_FAILED, peer, ITSELF, ByteBuffer.allocate(0));
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
            return loops.listening().isOwn(connection.getRemoteAddress());
        } catch (IOException _) {
            return false; // closed, as is seen soon
        }
    }

    /** Hand it over to a loop; not while the loops may end. Any thread. */
    private void place(SocketChannel connection, Door.Entry entry, Runnable handOver) {
        try {
            connection.configureBlocking(false); // here, as it waits for whoever still reads from it
            synchronized (this) {
                requireLoops();
                handOver.run();
                return;
            }
        } catch (ClosedChannelException _) {
            reception.vanished(connection, entry);
            return;
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "A connection is closed at once: " + e.getMessage());
        }
        // It may have been the first, and no descriptors left for the loops.
        var reason = isStopped() ? Reason.STOPPED : Reason.ACCEPT_FAILED;
        context.counters().add(reason, 1);
        reception.forget(connection, entry, reason);
    }

    private synchronized boolean isStopped() {
        return stopped;
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

    /** A member sent so many bytes that nobody reads any more. Of interest at the stop. */
    void unread(long bytes) {
        if (quiescing) {
            context.counters().add(Reason.UNREAD, bytes);
        }
    }

    @Override
    public void quiesce(Duration limit) {
        var reading = new Outstanding();
        var bounded = bounded(limit);
        dialled.end();
        synchronized (this) {
            quiescing = true;
            if (!hasLoops || stopped) {
                return; // others' loops may hang, or end, which is nothing to wait for
            }
        }
        long endNs = System.nanoTime() + bounded.toNanos();
        population.onEachLoop(bounded, loop -> {
            admitNobody(loop);
            population.eachMember(loop, connection -> connection.quiesce(reading));
        });
        reading.await(Duration.ofNanos(endNs - System.nanoTime()));
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
        population.eachArriving(loop, arriving -> arriving.end(Reason.STOPPED));
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
            quiescing = true;
            if (!isFirst || !hasLoops) {
                return Unsent.NONE;
            }
        }
        population.onEachLoop(loop -> {
            admitNobody(loop); // again, or for the first time where another endpoint could not start
            population.eachMember(loop, Connection::stop);
        });
        reception.awaitNobody(bounded);
        population.onEachLoop(loop -> population.eachMember(loop, member -> member.close(Reason.STOPPED)));
        loops.release();
        policies().ifPresent(OffLoop::close);
        return new Unsent(unsentMembers.get(), unsentBytes.get());
    }
}
