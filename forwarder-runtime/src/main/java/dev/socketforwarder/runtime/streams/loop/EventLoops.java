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
 * Holds the event loops of the process, which exist while any endpoint uses them, and knows on which loop each group is
 * placed. Thread-safe.
 */
public final class EventLoops {
    /** Far more than any turn of a loop ever takes, since turns are bounded. */
    private static final Duration TURN = Duration.ofSeconds(10);

    private final Duration groupTime;
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

    /** Make an empty set of loops. No thread is started yet. */
    public EventLoops() {
        this(GroupTurns.TIME);
    }

    /** Make loops on which a group should take this time in a turn. For tests, which a pause of a thread must not disturb. */
    public EventLoops(Duration groupTime) {
        this.groupTime = groupTime;
    }

    /** Start the loops, if this is the first endpoint. Every call that returns needs a {@link #release}. */
    public synchronized void acquire(int threads) throws IOException {
        if (users == 0) {
            var started = new ArrayList<EventLoop>();
            try {
                for (int i = 0; i < threads; i++) {
                    started.add(new EventLoop(i, groupTime));
                }
            } catch (IOException e) {
                started.forEach(EventLoop::discard); // there are not enough descriptors for all loops
                throw e;
            }
            started.forEach(EventLoop::start);
            loops = List.copyOf(started);
        }
        users++;
    }

    /** Stop the loops, if this was the last endpoint, and wait for their threads. */
    public synchronized void release() {
        if (--users == 0) {
            loops.forEach(EventLoop::stop);
            loops = List.of();
            tlsTasks.close();
            acknowledgements.close();
        }
    }

    /** Run a part of a TLS handshake that takes long, on a thread other than the loops'. */
    public void runTask(Runnable task) {
        tlsTasks.execute(task);
    }

    /** {@return these places, shared fairly among sources; all endpoints get the same object} */
    public FairPlaces fairPlaces(Places places) {
        return fairPlaces.computeIfAbsent(places, FairPlaces::new);
    }

    /** {@return the TLS buffers of connections that have not joined} */
    public TlsBuffers strangersTlsBuffers() {
        return strangersTlsBuffers;
    }

    /** {@return the TLS buffers of members} */
    public TlsBuffers tlsBuffers() {
        return tlsBuffers;
    }

    /**
     * {@return the lookups of dialled servers' names} All endpoints share them, so that each name is asked for once.
     */
    public Lookups lookups() {
        return lookups;
    }

    /** {@return the addresses on which any endpoint listens} */
    public ListeningAddresses listeningAddresses() {
        return listeningAddresses;
    }

    public Acknowledgements acknowledgements() {
        return acknowledgements;
    }

    public List<EventLoop> all() {
        return loops;
    }

    /** Run the action on every loop, and wait for all loops. */
    public void onEach(Consumer<EventLoop> action) {
        onEach(TURN, action);
    }

    /** Run the action on every loop, and wait for all loops, but no longer than {@code limit}. */
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

    /** {@return each loop in turn, for objects that can live on any loop} */
    public EventLoop next() {
        var now = loops;
        return now.get(Math.floorMod(turn.getAndIncrement(), now.size()));
    }

    /**
     * Find the place of a group. A new group is placed on the least busy loop, so that no peer can aim groups at one
     * loop by their names. Every call needs a {@link #leave}.
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

    /** {@return how many groups are placed on loops} */
    public int groups() {
        return placed.size();
    }

    private EventLoop leastBusy() {
        var least = next(); // of equally busy loops, each gets its turn
        for (var loop : loops) {
            if (loop.members.get() < least.members.get()) {
                least = loop;
            }
        }
        return least;
    }
}
