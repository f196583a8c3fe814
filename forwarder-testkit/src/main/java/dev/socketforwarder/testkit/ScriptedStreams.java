package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.kit.AddressFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Serves connections in a test, in the simplest way that keeps the promises of the runtime's streams. It reads all settings that
 * the runtime reads, but applies only {@code first-message-limit}.
 */
final class ScriptedStreams implements Streams {
    private static final int READ_BYTES = 64 * 1024;
    private static final Duration TURN = Duration.ofSeconds(10);

    private final ScriptedContext context;
    private final EndpointLoop loop;
    private final Optional<Codec.Factory> codecs;
    private final Handshake handshake;
    private final int firstMessageLimit;
    private final Phaser outstanding = new Phaser(1);
    private volatile boolean stopping;

    // The following fields are used on the loop's thread only.
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final Set<ScriptedConnection> connections = new LinkedHashSet<>();
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ_BYTES);
    private final Block block = Block.borrowed(buffer);
    private final Batch batch = new Batch(block);
    private Unsent unsent = Unsent.NONE;

    ScriptedStreams(ScriptedContext context, EndpointLoop loop, List<String> policies, Optional<Codec.Factory> codecs) {
        this.codecs = codecs;
        this.context = context;
        this.loop = loop;
        this.handshake = context.handshake(policies);
        this.firstMessageLimit = (int) context.settings().size("first-message-limit", 1_024, 32, 65_536);
        readTheOthers(context.settings());
    }

    private static void readTheOthers(Settings settings) {
        AddressFilter.read(settings);
        for (var key : List.of(
                "first-message-timeout",
                "max-first-messages",
                "max-read-in-size",
                "half-close",
                "max-connections-per-address",
                "accept-rate-per-address",
                "idle-timeout",
                "write-deadline")) {
            settings.text(key, "");
        }
        settings.list("proxy-protocol", List.of());
    }

    ScriptedContext context() {
        return context;
    }

    EndpointLoop loop() {
        return loop;
    }

    Handshake handshake() {
        return handshake;
    }

    int firstMessageLimit() {
        return firstMessageLimit;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    boolean isStopping() {
        return stopping;
    }

    /** Publish the bytes that were read, and make the buffer free for the next read. */
    void publish(Consumer<Batch> publish, int from, int length) {
        publish.accept(batch.clear().add(from, length));
        loop.flushNow();
        block.recycle();
    }

    void missed(long bytes) {
        if (stopping && bytes > 0) {
            unsent = unsent.plus(new Unsent(1, bytes));
        }
    }

    void gone(ScriptedConnection connection) {
        connections.remove(connection);
        context.counters().add(Counter.CONNECTIONS, -1);
        outstanding.arriveAndDeregister();
    }

    @Override
    public void listen(ServerSocketChannel bound) throws IOException {
        bound.configureBlocking(false);
        loop.execute(() -> {
            listeners.add(bound);
            try {
                loop.register(bound, SelectionKey.OP_ACCEPT, _ -> accept(bound));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void unlisten(ServerSocketChannel bound) {
        loop.execute(() -> {
            if (listeners.remove(bound)) {
                close(bound);
            }
        });
    }

    private static void close(ServerSocketChannel listener) {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void adopt(InheritedSocket inherited) {
        throw new UnsupportedOperationException("a scripted context has no sockets of a service manager");
    }

    private void accept(ServerSocketChannel bound) throws IOException {
        var channel = bound.accept();
        if (channel != null) {
            context.counters().add(Counter.ACCEPTED, 1);
            serve(channel, new Peer(context.name(), channel.getRemoteAddress(), channel.getLocalAddress()));
        }
    }

    @Override
    public void serve(SocketChannel connection, Peer peer) {
        begin(new ScriptedConnection(this, connection, peer, _ -> {}, codecs), ScriptedConnection::begin);
    }

    @Override
    public void join(
            SocketChannel connection, Peer peer, GroupId group, ByteBuffer greeting, Consumer<Reason> onClosed) {
        var first = ByteBuffer.allocateDirect(greeting.remaining())
                .put(greeting.duplicate())
                .flip();
        begin(new ScriptedConnection(this, connection, peer, onClosed), made -> made.begin(group, first));
    }

    /** Connect once, without TLS. A server in a test answers at once, so that no further attempt is needed. */
    @Override
    public Dialling dial(Target target) {
        if (target.tls().isPresent()) {
            throw new UnsupportedOperationException("the scripted streams have no TLS");
        }
        var connected = new AtomicReference<SocketChannel>();
        var dialler = Thread.ofVirtual().start(() -> connect(target, connected));
        return new Dialling() {
            @Override
            public void close() {
                dialler.interrupt();
            }

            @Override
            public void hangUp() {
                close();
                var socket = connected.get();
                if (socket != null) {
                    endReading(socket);
                }
            }
        };
    }

    private static void endReading(SocketChannel socket) {
        try {
            socket.shutdownInput();
        } catch (IOException _) {
            // The connection has ended by itself.
        }
    }

    private void connect(Target target, AtomicReference<SocketChannel> connected) {
        try {
            var channel = SocketChannel.open(new InetSocketAddress(target.host(), target.port()));
            connected.set(channel);
            context.counters().add(Counter.CONNECTED, 1);
            var peer = new Peer(context.name(), channel.getRemoteAddress(), channel.getLocalAddress());
            join(channel, peer, target.group(), target.greeting(), _ -> {});
        } catch (IOException | UnresolvedAddressException e) {
            var server = InetSocketAddress.createUnresolved(target.host(), target.port());
            context.refused(Reason.CONNECT_FAILED, server, String.valueOf(e.getMessage()), ByteBuffer.allocate(0));
        }
    }

    private void begin(ScriptedConnection made, Consumer<ScriptedConnection> how) {
        outstanding.register();
        context.counters().add(Counter.CONNECTIONS, 1);
        loop.execute(() -> {
            connections.add(made);
            how.accept(made);
        });
    }

    private void each(Consumer<ScriptedConnection> action) {
        List.copyOf(connections).forEach(action);
    }

    private void admitNobody() {
        listeners.forEach(ScriptedStreams::close);
        listeners.clear();
    }

    @Override
    public void quiesce(Duration limit) {
        loop.call(
                () -> {
                    admitNobody();
                    each(ScriptedConnection::quiesce);
                },
                limit);
    }

    private void awaitEnds(Duration limit) {
        try {
            outstanding.awaitAdvanceInterruptibly(outstanding.arrive(), limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException _) {
            // Close the connections that have not ended by now.
        }
    }

    @Override
    public Unsent stop(Duration limit) {
        stopping = true;
        boolean isRunning = loop.call(
                () -> {
                    admitNobody();
                    each(ScriptedConnection::finish);
                },
                TURN);
        if (isRunning) {
            awaitEnds(limit);
            loop.call(() -> each(ScriptedConnection::end), TURN);
        }
        return unsent;
    }
}
