package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Block;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Outstanding;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/** The connections of one endpoint, all on its loop: the listeners, those that shake hands, and the members. */
final class StreamServer implements Streams {
    private static final Logger LOG = System.getLogger(StreamServer.class.getName());
    static final int READ_BYTES = 256 * 1024;
    /** For a turn of the loop that is under way. */
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final TransportContext context;
    private final EndpointThread loop;
    private final StreamSettings settings;
    private final Handshake handshake;
    private final Places firstMessages;
    private final StreamRates rates;
    private final Outstanding connections = new Outstanding();
    private volatile boolean quiescing;

    // On the loop from here on.
    private final List<StreamListener> listeners = new ArrayList<>();
    private final Set<StreamArrival> arriving = new LinkedHashSet<>();
    private final Set<StreamMember> members = new LinkedHashSet<>();
    private ByteBuffer read; // made with the first connection
    private Batch batch;
    private int accepted;
    private Unsent unsent = Unsent.NONE;

    StreamServer(TransportContext context, EndpointThread loop, List<String> policies) {
        this.context = context;
        this.loop = loop;
        this.settings = StreamSettings.read(context.settings());
        this.handshake = context.handshake(policies);
        this.firstMessages = new Places(settings.firstMessages());
        this.rates = new StreamRates(loop.deadlines());
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

    EndpointThread loop() {
        return loop;
    }

    StreamSettings settings() {
        return settings;
    }

    Handshake handshake() {
        return handshake;
    }

    StreamRates rates() {
        return rates;
    }

    boolean isQuiescing() {
        return quiescing;
    }

    /** {@return the buffer that all read into; what is in it is published and flushed before the next read} */
    ByteBuffer buffer() {
        if (read == null) {
            read = ByteBuffer.allocateDirect(READ_BYTES);
            batch = new Batch(Block.borrowed(read));
        }
        return read.clear();
    }

    /** {@return the batch over {@link #buffer}} */
    Batch batch() {
        return batch;
    }

    @Override
    public void listen(ServerSocketChannel bound) throws IOException {
        try {
            bound.configureBlocking(false);
        } catch (IOException e) {
            bound.close();
            throw e;
        }
        loop.execute(() -> {
            var listener = new StreamListener(this, bound);
            listeners.add(listener);
            listener.begin();
        });
    }

    @Override
    public void serve(SocketChannel connection, Peer peer) {
        connections.add();
        context.counters().add(Counter.CONNECTIONS, 1);
        loop.execute(() -> arrive(connection, peer));
    }

    private void arrive(SocketChannel connection, Peer peer) {
        boolean hasPlace = context.connections().take();
        boolean hasFirst = hasPlace && firstMessages.take();
        var arrival = new StreamArrival(this, connection, peer, ++accepted);
        if (!hasPlace || !hasFirst) {
            context.refused(
                    hasPlace ? Reason.TOO_MANY_FIRST_MESSAGES : Reason.TOO_MANY_CONNECTIONS,
                    peer.remote(),
                    "",
                    NOTHING);
            forget(connection, hasPlace);
            return;
        }
        arriving.add(arrival);
        arrival.begin(quiescing);
    }

    /** The handshake is over. */
    void arrived(StreamArrival arrival) {
        if (arriving.remove(arrival)) {
            firstMessages.giveBack();
        }
    }

    void joined(StreamMember member) {
        members.add(member);
    }

    /** A member misses what was queued for it; of interest at the stop. */
    void unsent(long bytes) {
        if (quiescing) {
            unsent = unsent.plus(new Unsent(1, bytes));
        }
    }

    void left(StreamMember member) {
        members.remove(member);
    }

    /** Close a connection, whatever became of it; once for each. */
    void forget(SocketChannel connection, boolean hasPlace) {
        close(connection);
        if (hasPlace) {
            context.connections().giveBack();
        }
        context.counters().add(Counter.CONNECTIONS, -1);
        connections.done();
    }

    static void close(AutoCloseable channel) {
        try {
            channel.close();
        } catch (Exception e) {
            LOG.log(Level.DEBUG, "Closing a channel", e);
        }
    }

    @Override
    public void quiesce(Duration limit) {
        var reading = new Outstanding();
        long endNs = System.nanoTime() + limit.toNanos();
        quiescing = true;
        loop.call(
                () -> {
                    admitNobody();
                    each(member -> member.quiesce(reading));
                },
                limit);
        reading.await(Duration.ofNanos(Math.max(0, endNs - System.nanoTime())));
    }

    private void admitNobody() {
        listeners.forEach(StreamListener::close);
        listeners.clear();
        List.copyOf(arriving).forEach(arrival -> arrival.end(Reason.STOPPED));
    }

    private void each(Consumer<StreamMember> action) {
        List.copyOf(members).forEach(action);
    }

    @Override
    public Unsent stop(Duration limit) {
        long endNs = System.nanoTime() + limit.toNanos();
        quiescing = true;
        boolean isRunning = loop.call(
                () -> {
                    admitNobody();
                    each(StreamMember::stop);
                },
                limit.plus(PATIENCE));
        if (!isRunning) {
            return Unsent.NONE; // it was not started, or hangs: then nobody can say
        }
        connections.await(Duration.ofNanos(Math.max(0, endNs - System.nanoTime())));
        loop.call(() -> each(member -> member.close(Reason.STOPPED)), PATIENCE);
        return unsent;
    }
}
