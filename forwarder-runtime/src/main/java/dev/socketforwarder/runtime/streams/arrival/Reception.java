package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.loop.EventLoop;
import dev.socketforwarder.runtime.streams.loop.LoopGroup;
import dev.socketforwarder.runtime.streams.loop.Offload;
import dev.socketforwarder.runtime.streams.loop.Outstanding;
import dev.socketforwarder.runtime.streams.loop.Residents;
import dev.socketforwarder.runtime.streams.member.Connection;
import dev.socketforwarder.runtime.streams.member.Greeting;
import dev.socketforwarder.runtime.streams.member.StreamContext;
import dev.socketforwarder.runtime.streams.member.StreamSettings;
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

/**
 * Lets connections into an endpoint, and forgets them when they end. Each connection takes its places once, and gives
 * them back once. Thread-safe.
 */
public final class Reception {
    private static final Logger LOG = System.getLogger(Reception.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int BLIND_SEND_BUFFER = 64 * 1024;

    /** How many peers of one endpoint blocking policies consider at once. Further peers wait until a thread is free. */
    private static final int MOST_POLICIES = 16;

    private final StreamContext shared;
    private final Admission admission;
    private final Offload policies; // for policies that may block
    private final Residents<ArrivingConnection> arriving = new Residents<>();
    private final Outstanding connections = new Outstanding();

    /** Make the reception of one endpoint. */
    public Reception(StreamContext shared) {
        this.shared = shared;
        this.admission = new Admission(shared);
        this.policies = new Offload(shared.context().name() + "-policy-", () -> MOST_POLICIES);
    }

    /** Put other limits in force for the connections that come from now on. */
    public void adopt(StreamSettings changed) {
        admission.adopt(changed);
    }

    StreamContext shared() {
        return shared;
    }

    Admission admission() {
        return admission;
    }

    /** {@return the threads on which policies that may block are asked} */
    Offload policies() {
        return policies;
    }

    /** {@return the connections that are not members yet} */
    public Residents<ArrivingConnection> arriving() {
        return arriving;
    }

    /** Take a connection that a listener accepted. On the listener's loop. */
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
        shared.context().counters().add(Reason.PROBE, 1); // the peer was gone before anything was read
        forget(channel, entry, Reason.PROBE);
    }

    /** Begin the stages of a stranger's connection, unless the peer is refused. May be called on any loop. */
    public void arrive(SocketChannel channel, Peer peer, Admission.Entry entry, EventLoop loop) {
        boolean isProxied = peer.address().map(shared.rules()::isProxy).orElse(false);
        var refusal = isProxied ? Optional.<Reason>empty() : entry.identify(peer);
        if (refusal.isEmpty()) {
            refusal = entry.enter(peer); // last, since another connection may have to make room
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

    /** Let a connection that the configuration asks for join its group. On the group's loop. */
    public void join(SocketChannel channel, Peer peer, Admission.Entry entry, LoopGroup group, Greeting greeting) {
        take(channel, peer, entry, group, wire -> {
            var member =
                    new Connection(shared, wire, peer, (closing, why) -> forget(closing, entry, why), group, NOTHING);
            group.loop().attempt(member, () -> member.moveAndJoin(greeting));
        });
    }

    /** Take a place for a connection that the configuration asks for, and begin. On the group's loop. */
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

    /**
     * {@return the send buffer to ask for} If the kernel does not tell what peers have acknowledged, it may hold no
     * more than peers take within seconds.
     */
    private int sendBuffer() {
        int asked = shared.settings().sendBuffer();
        return asked > 0 || shared.loops().acknowledgements().areAvailable() ? asked : BLIND_SEND_BUFFER;
    }

    /** Count a connection, which needs a {@link #forget}. {@code onLeft} is then told why the connection ended. */
    public Admission.Entry opened(Consumer<Reason> onLeft) {
        connections.add();
        shared.context().counters().add(Counter.CONNECTIONS, 1);
        return admission.new Entry(onLeft);
    }

    /**
     * {@return the first stage of a connection of which nothing has been read but a proxy's header} On the connection's
     * loop.
     */
    Stage stageOfClient(ArrivingConnection client) {
        var tls = shared.rules().tls();
        if (tls.isEmpty()) {
            return stageOfMessages(client);
        }
        var scratch = client.loop().tlsScratch();
        var wire = new TlsWire(
                client.wire().socket(),
                tls.get().newEngine(),
                shared.loops().strangersTlsBuffers(),
                scratch,
                () -> client.loop().execute(client, () -> client.refuse(Reason.TLS_BUFFERS_FULL, "")));
        return new TlsStage(client, wire);
    }

    /** {@return the stage that reads what the client itself sends} */
    Stage stageOfMessages(ArrivingConnection client) {
        return shared.codecs()
                .<Stage>map(codecs -> new CodecStage(client, codecs))
                .orElseGet(() -> new HandshakeStage(client));
    }

    /** Close and forget a connection, whatever happened to its peer. On the connection's loop. */
    public void forget(Channel channel, Admission.Entry entry, Reason why) {
        close(channel);
        entry.leave();
        shared.context().counters().add(Counter.CONNECTIONS, -1);
        entry.onLeft().accept(why);
        connections.done(); // last, since the stop waits until all of the above is done
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Could not close a connection", e);
        }
    }

    /** Wait until all connections are forgotten, but no longer than {@code limit}. */
    public void awaitNobody(Duration limit) {
        connections.await(limit);
    }

    /** End the threads of the policies, because no more connections arrive. */
    public void close() {
        policies.close();
    }
}
