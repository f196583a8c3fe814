package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.runtime.streams.wire.TlsBuffers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The event loops of the process, there while an endpoint is, and the group that each connection moves to. Thread-safe.
 */
public final class EventLoops {
    /** A loop's turn is bounded: far more than it ever takes. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final ConcurrentHashMap<GroupId, LoopGroup> placed = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();
    private final ConcurrentHashMap<Places, FairPlaces> fairPlaces = new ConcurrentHashMap<>();
    private volatile List<EventLoop> loops = List.of();
    private int users; // guarded by this
    private final Offload tlsTasks = new Offload("tls-tasks-", () -> loops.size());
    private final TlsBuffers tlsBuffers = TlsBuffers.ofMembers();
    private final TlsBuffers strangersTlsBuffers = TlsBuffers.ofStrangers();
    private final Lookups lookups = new Lookups("dial-lookup-");
    private final ListeningAddresses listeningAddresses = new ListeningAddresses();
    private final Acknowledgements acknowledgements = new Acknowledgements();

    /** Make it without a thread. */
    public EventLoops() {}

    /** Start the loops for the first endpoint. Every call that returns needs a {@link #release}. */
    public synchronized void acquire(int threads) throws IOException {
        if (users == 0) {
            var started = new ArrayList<EventLoop>();
            try {
                for (int i = 0; i < threads; i++) {
                    started.add(new EventLoop(i));
                }
            } catch (IOException e) {
                started.forEach(EventLoop::discard); // no descriptors for all of them
                throw e;
            }
            started.forEach(EventLoop::start);
            loops = List.copyOf(started);
        }
        users++;
    }

    /** Stop the loops with the last endpoint, and wait for their threads. */
    public synchronized void release() {
        if (--users == 0) {
            loops.forEach(EventLoop::stop);
            loops = List.of();
            tlsTasks.close();
            acknowledgements.close();
        }
    }

    /** Run a part of a TLS handshake that takes long, on another thread. */
    public void runTask(Runnable task) {
        tlsTasks.execute(task);
    }

    /** {@return these places as shared fairly among sources, the same for all endpoints} */
    public FairPlaces fairPlaces(Places places) {
        return fairPlaces.computeIfAbsent(places, FairPlaces::new);
    }

    /** {@return the buffers of those that have not joined} */
    public TlsBuffers strangersTlsBuffers() {
        return strangersTlsBuffers;
    }

    /** {@return the buffers of members} */
    public TlsBuffers tlsBuffers() {
        return tlsBuffers;
    }

    /** {@return what looks up the names of servers that are dialled: those of all endpoints, so that a name is asked for once} */
    public Lookups lookups() {
        return lookups;
    }

    /** {@return where all endpoints listen} */
    public ListeningAddresses listeningAddresses() {
        return listeningAddresses;
    }

    public Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    public List<EventLoop> all() {
        return loops;
    }

    /** Run it on every loop, and wait for all. */
    public void onEach(Consumer<EventLoop> action) {
        onEach(TURN, action);
    }

    /** Run it on every loop, and wait for all, but no longer than this. */
    public void onEach(Duration limit, Consumer<EventLoop> action) {
        var running = new Outstanding();
        for (var loop : loops) {
            running.add();
            loop.execute(() -> {
                try {
                    action.accept(loop);
                } finally {
                    running.done();
                }
            });
        }
        running.await(limit.compareTo(TURN) < 0 ? limit : TURN);
    }

    /** {@return the loops one after the other: for what can live on any} */
    public EventLoop next() {
        var now = loops;
        return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
    }

    /**
     * Find the place of a group, on the least busy loop if it is new; no peer can aim groups at a loop by their names.
     * Every call needs a {@link #leave}.
     */
    public LoopGroup enter(GroupId id) {
        return placed.compute(id, (_, existing) -> {
            var group = existing == null ? new LoopGroup(id, leastBusy()) : existing;
            group.connections++;
            group.loop().members.incrementAndGet();
            return group;
        });
    }

    public void leave(LoopGroup group) {
        group.loop().members.decrementAndGet();
        placed.compute(group.id(), (_, existing) -> --group.connections == 0 ? null : existing);
    }

    /** {@return how many groups have a place} */
    public int groups() {
        return placed.size();
    }

    private EventLoop leastBusy() {
        var least = next(); // of equals, each in turn
        for (var loop : loops) {
            if (loop.members.get() < least.members.get()) {
                least = loop;
            }
        }
        return least;
    }
}
