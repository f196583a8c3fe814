package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.loop.Offload;
import dev.socketforwarder.runtime.streams.loop.Outstanding;
import dev.socketforwarder.runtime.streams.loop.Residents;
import dev.socketforwarder.runtime.streams.member.Connection;
import dev.socketforwarder.runtime.streams.member.Greeting;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.wire.PlainWire;
import dev.socketforwarder.runtime.streams.wire.TlsWire;
import dev.socketforwarder.runtime.streams.wire.Wire;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** How connections come to an endpoint, and are forgotten: each is counted once, and given back once. Thread-safe. */
public final class Reception {
    private static final Logger LOG = System.getLogger(Reception.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int BLIND_SEND_BUFFER = 64 * 1024;

    /** Peers of one endpoint whom policies that block may make wait at once, beside those who wait for these. */
    private static final int MOST_POLICIES = 16;

    private final StreamContext shared;
    private final Admission admission;
    private final Handshake handshake;
    private final Offload policies; // null: they are asked on the loop
    private final Tls tls; // null: plain
    private final Residents<ArrivingConnection> arriving = new Residents<>();
    private final Outstanding connections = new Outstanding();

    /**
     * Make what lets connections in.
     *
     * @param handshake decides on the peers
     * @param mayBlock whether {@code handshake} is asked on threads of its own, since nobody knows what it does
     */
    public Reception(StreamContext shared, Handshake handshake, boolean mayBlock) {
        var context = shared.context();
        this.shared = shared;
        this.tls = context.tls().orElse(null);
        this.admission = new Admission(context, shared.settings(), shared.loops());
        this.handshake = handshake;
        this.policies = mayBlock ? new Offload(context.name() + "-policy-", () -> MOST_POLICIES) : null;
    }

    StreamContext shared() {
        return shared;
    }

    Admission admission() {
        return admission;
    }

    Handshake handshake() {
        return handshake;
    }

    /** {@return where the policies are asked; empty: on the loop} */
    Optional<Offload> policies() {
        return Optional.ofNullable(policies);
    }

    /** {@return the connections that are no members yet} */
    public Residents<ArrivingConnection> arriving() {
        return arriving;
    }

    /** A connection came. On a listener's loop. */
    void accepted(SocketChannel channel) {
        shared.context().counters().add(Counter.ACCEPTED, 1);
        var entry = opened(_ -> {});
        try {
            arrive(channel, peerOf(channel), entry, shared.loops().next());
        } catch (IOException _) {
            vanished(channel, entry);
        }
    }

    private Peer peerOf(SocketChannel channel) throws IOException {
        return new Peer(shared.context().name(), channel.getRemoteAddress(), channel.getLocalAddress());
    }

    public void vanished(SocketChannel channel, Admission.Entry entry) {
        shared.context().counters().add(Reason.PROBE, 1); // gone before we looked at it
        forget(channel, entry, Reason.PROBE);
    }

    /** Let a stranger begin, if it may come in at all; on {@code loop}, or on another one. */
    public void arrive(SocketChannel channel, Peer peer, Admission.Entry entry, EventLoop loop) {
        boolean isProxied = peer.address().map(admission::isProxy).orElse(false);
        var refusal = isProxied ? Optional.<Reason>empty() : entry.identify(peer);
        if (refusal.isEmpty()) {
            refusal = entry.enter(peer); // last, since somebody else may have to make room
        }
        if (refusal.isPresent()) {
            shared.refused(refusal.get(), peer, "", NOTHING);
            forget(channel, entry, refusal.get());
            return;
        }
        try {
            var wire = PlainWire.ofClient(channel, sendBuffer());
            loop.executeHere(() -> new ArrivingConnection(this, wire, peer, entry, loop).begin(isProxied));
        } catch (IOException _) {
            vanished(channel, entry);
        }
    }

    /** Let one of configuration's join; on its group's loop. */
    public void join(SocketChannel channel, Peer peer, Admission.Entry entry, LoopGroup group, Greeting greeting) {
        take(channel, peer, entry, group, wire -> {
            var member =
                    new Connection(shared, wire, peer, (closing, why) -> forget(closing, entry, why), group, NOTHING);
            group.loop().attempt(member, () -> member.moveAndJoin(greeting));
        });
    }

    /** Give a connection of configuration's a place, and have it begin; on its group's loop. */
    void take(SocketChannel channel, Peer peer, Admission.Entry entry, LoopGroup group, Consumer<Wire> begin) {
        try {
            var wire = PlainWire.ofServer(channel, sendBuffer());
            if (entry.takePlace()) {
                begin.accept(wire);
                return;
            }
            shared.refused(Reason.TOO_MANY_CONNECTIONS, peer, "", NOTHING);
            forget(wire, entry, Reason.TOO_MANY_CONNECTIONS);
        } catch (IOException _) {
            vanished(channel, entry);
        }
        shared.loops().leave(group);
    }

    /** Where nobody tells what peers have acknowledged, no more is given to the kernel than they take within seconds. */
    private int sendBuffer() {
        int asked = shared.settings().sendBuffer();
        return asked > 0 || shared.loops().acknowledgements().areAvailable() ? asked : BLIND_SEND_BUFFER;
    }

    /** Count a connection, which needs a {@link #forget}; {@code onLeft} is told then why it ended. */
    public Admission.Entry opened(Consumer<Reason> onLeft) {
        connections.add();
        shared.context().counters().add(Counter.CONNECTIONS, 1);
        return admission.new Entry(onLeft);
    }

    /** {@return what comes first on a connection of which nothing but a proxy's header has been read; on its loop} */
    Stage stageOfClient(ArrivingConnection client) {
        if (tls == null) {
            return new HandshakeStage(client);
        }
        var scratch = client.loop().tlsScratch();
        var wire = new TlsWire(
                client.wire().socket(),
                tls.newEngine(),
                shared.loops().strangersTlsBuffers(),
                scratch,
                () -> client.loop().execute(client, () -> client.refuse(Reason.TLS_BUFFERS_FULL, "")));
        return new TlsStage(client, wire);
    }

    /** Close a connection, whatever became of its peer. On its loop. */
    public void forget(Channel channel, Admission.Entry entry, Reason why) {
        close(channel);
        entry.leave();
        shared.context().counters().add(Counter.CONNECTIONS, -1);
        entry.onLeft().accept(why);
        connections.done(); // last, since the stop waits for all of this
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing a connection", e);
        }
    }

    /** Wait until all connections are forgotten, but no longer than this. */
    public void awaitNobody(Duration limit) {
        connections.await(limit);
    }

    /** Nobody comes any more. */
    public void close() {
        policies().ifPresent(Offload::close);
    }
}
