package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;

/** How connections come to a {@link StreamServer}, and are forgotten: each is counted once, and given back once. Thread-safe. */
final class Reception {
    private static final Logger LOG = System.getLogger(Reception.class.getName());
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private static final int BLIND_SEND_BUFFER = 64 * 1024;

    private final StreamServer server;
    private final Outstanding connections = new Outstanding();

    Reception(StreamServer server) {
        this.server = server;
    }

    /** A connection came. On a listener's loop. */
    void accepted(SocketChannel channel) {
        server.context().counters().add(Counter.ACCEPTED, 1);
        var entry = opened(_ -> {});
        try {
            arrive(channel, peerOf(channel), entry, server.loops().next());
        } catch (IOException _) {
            vanished(channel, entry);
        }
    }

    private Peer peerOf(SocketChannel channel) throws IOException {
        return new Peer(server.context().name(), channel.getRemoteAddress(), channel.getLocalAddress());
    }

    void vanished(SocketChannel channel, Door.Entry entry) {
        server.context().counters().add(Reason.PROBE, 1); // gone before we looked at it
        forget(channel, entry, Reason.PROBE);
    }

    /** Let a stranger begin, if it may come in at all; on {@code loop}, or on another one. */
    void arrive(SocketChannel channel, Peer peer, Door.Entry entry, EventLoop loop) {
        boolean isProxied = peer.address().map(server.door()::isProxy).orElse(false);
        var refusal = isProxied ? Optional.<Reason>empty() : entry.identify(peer);
        if (refusal.isEmpty()) {
            refusal = entry.enter(peer); // last, since somebody else may have to make room
        }
        if (refusal.isPresent()) {
            server.refused(refusal.get(), peer, "", NOTHING);
            forget(channel, entry, refusal.get());
            return;
        }
        try {
            var wire = PlainWire.ofClient(channel, sendBuffer());
            loop.executeHere(() -> new Arriving(server, wire, peer, entry, loop).begin(isProxied));
        } catch (IOException _) {
            vanished(channel, entry);
        }
    }

    /** Let one of configuration's join; on its group's loop. */
    void join(SocketChannel channel, Peer peer, Door.Entry entry, LoopGroup group, Greeting greeting) {
        take(channel, peer, entry, group, wire -> {
            var member = new Connection(server, wire, peer, entry, group, NOTHING);
            group.loop().attempt(member, () -> member.moveAndJoin(greeting));
        });
    }

    /** Give a connection of configuration's a place, and have it begin; on its group's loop. */
    void take(SocketChannel channel, Peer peer, Door.Entry entry, LoopGroup group, Consumer<Wire> begin) {
        try {
            var wire = PlainWire.ofServer(channel, sendBuffer());
            if (entry.takePlace()) {
                begin.accept(wire);
                return;
            }
            server.refused(Reason.TOO_MANY_CONNECTIONS, peer, "", NOTHING);
            forget(wire, entry, Reason.TOO_MANY_CONNECTIONS);
        } catch (IOException _) {
            vanished(channel, entry);
        }
        server.loops().leave(group);
    }

    /** Where nobody tells what peers have acknowledged, no more is given to the kernel than they take within seconds. */
    private int sendBuffer() {
        int asked = server.settings().sendBuffer();
        return asked > 0 || server.loops().acknowledgements().areAvailable() ? asked : BLIND_SEND_BUFFER;
    }

    /** Count a connection, which needs a {@link #forget}; {@code onLeft} is told then why it ended. */
    Door.Entry opened(Consumer<Reason> onLeft) {
        connections.add();
        server.context().counters().add(Counter.CONNECTIONS, 1);
        return server.door().new Entry(onLeft);
    }

    /** {@return what comes first on a connection of which nothing but a proxy's header has been read; on its loop} */
    Stage stageOfClient(Arriving arriving) {
        var tls = server.tls();
        if (tls.isEmpty()) {
            return new Handshaking(arriving);
        }
        var scratch = arriving.loop().tlsScratch();
        var wire = new TlsWire(
                arriving.wire().socket(),
                tls.get().newEngine(),
                server.loops().strangersTlsBuffers(),
                scratch,
                () -> arriving.loop().execute(arriving, () -> arriving.refuse(Reason.TLS_BUFFERS_FULL, "")));
        return new TlsHandshaking(arriving, wire);
    }

    /** Close a connection, whatever became of its peer. On its loop. */
    void forget(Channel channel, Door.Entry entry, Reason why) {
        close(channel);
        entry.leave();
        server.context().counters().add(Counter.CONNECTIONS, -1);
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
    void awaitNobody(Duration limit) {
        connections.await(limit);
    }
}
