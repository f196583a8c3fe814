package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.kit.BindFailure;
import dev.socketforwarder.api.kit.TaskQueue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An endpoint with one thread, as plain as the API allows, and with one fault. */
final class FaultyEndpoint implements Endpoint {
    final Fault fault;
    final TransportContext context;
    final Handshake handshake;
    final ByteBuffer buffer = ByteBuffer.allocateDirect(64 << 10);
    final Block block = Block.borrowed(buffer);
    final Batch batch = new Batch(block);
    final Set<FaultyConnection> unflushed = new LinkedHashSet<>();
    private final List<FaultyConnection> connections = new ArrayList<>();
    private final ArrayDeque<Runnable> shuffled = new ArrayDeque<>();
    private final AtomicInteger given = new AtomicInteger();
    private final int port;
    private Selector selector;
    private ServerSocketChannel acceptor;
    private TaskQueue tasks;
    private Owner owner; // null until the first join
    private Thread thread;
    private volatile InetSocketAddress address; // null while not bound
    private boolean stopping;
    private long deadlineNs = Long.MAX_VALUE;
    private int missedMembers;
    private long missedBytes;

    FaultyEndpoint(Fault fault, TransportContext context, int port) {
        this.fault = fault;
        this.context = context;
        this.port = port;
        this.handshake = context.handshake(List.of("prefix"));
    }

    @Override
    public void start() throws IOException {
        if (fault == Fault.HAS_ONE_ENDPOINT && address != null) {
            return;
        }
        var wanted = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        selector = Selector.open();
        acceptor = ServerSocketChannel.open();
        try {
            acceptor.bind(wanted, 128);
        } catch (IOException e) {
            if (fault != Fault.LEAKS_WHEN_IT_CANNOT_START) {
                acceptor.close();
                selector.close();
            }
            throw fault == Fault.SAYS_NOTHING ? new IOException("failed") : new BindFailure(context.name(), wanted, e);
        }
        acceptor.configureBlocking(false);
        if (fault != Fault.ACCEPTS_NOBODY) {
            acceptor.register(selector, SelectionKey.OP_ACCEPT);
        }
        tasks = new TaskQueue(selector::wakeup);
        address = (InetSocketAddress) acceptor.getLocalAddress();
        thread = Thread.ofPlatform().name("faulty").daemon().start(this::run);
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return address == null || fault == Fault.HAS_NO_ADDRESS ? List.of() : List.of(address);
    }

    Owner owner() {
        if (owner == null) {
            owner = makeOwner();
        }
        return owner;
    }

    private Owner makeOwner() {
        return switch (fault) {
            case RUNS_AT_ONCE ->
                task -> {
                    if (Thread.currentThread() == thread) {
                        task.run();
                    } else {
                        tasks.execute(task);
                    }
                };
            case HAS_TWO_THREADS ->
                task -> {
                    if (given.getAndIncrement() % 2 == 0) {
                        tasks.execute(task);
                    } else {
                        Thread.ofPlatform().name("another").daemon().start(task);
                    }
                };
            case RUNS_IN_ANY_ORDER ->
                task -> {
                    synchronized (shuffled) {
                        shuffled.push(task);
                    }
                    tasks.execute(() -> {
                        Runnable next;
                        synchronized (shuffled) {
                            next = shuffled.pop();
                        }
                        next.run();
                    });
                };
            default -> tasks;
        };
    }

    private void run() {
        try {
            while (!stopping || !connections.isEmpty() && System.nanoTime() < deadlineNs) {
                selector.select(this::onReady, stopping ? 10 : 0);
                tasks.drain(1_000);
                flush();
                List.copyOf(connections).forEach(FaultyConnection::lingerNoMore);
            }
            List.copyOf(connections).forEach(one -> one.end(Reason.STOPPED));
            acceptor.close();
            if (fault == Fault.LEAVES_ITS_THREAD) {
                new CountDownLatch(1).await(1, TimeUnit.MINUTES);
            }
            selector.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void onReady(SelectionKey key) {
        if (key.attachment() instanceof FaultyConnection connection) {
            connection.onReady(key);
        } else {
            accept();
        }
        flush();
        block.recycle();
    }

    private void accept() {
        try {
            var channel = acceptor.accept();
            context.counters().add(Counter.CONNECTIONS, 1);
            channel.configureBlocking(false);
            var connection = new FaultyConnection(this, channel, selector);
            connections.add(connection);
            if (fault != Fault.TAKES_NO_PLACE && !context.connections().take()) {
                connection.refuse(Reason.TOO_MANY_CONNECTIONS, false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void flush() {
        if (fault == Fault.FLUSHES_LATER && !stopping) {
            return;
        }
        for (var one : List.copyOf(unflushed)) {
            one.write();
        }
        unflushed.clear();
    }

    boolean isStopping() {
        return stopping;
    }

    void missed(long bytes) {
        if (stopping && bytes > 0 && fault != Fault.HIDES_WHAT_IS_LOST) {
            missedMembers++;
            missedBytes += bytes;
        }
    }

    void gone(FaultyConnection connection) {
        connections.remove(connection);
        unflushed.remove(connection);
        context.counters().add(Counter.CONNECTIONS, -1);
    }

    private void inLoop(Runnable action) {
        var done = new CountDownLatch(1);
        tasks.execute(() -> {
            action.run();
            done.countDown();
        });
        try {
            while (thread.isAlive() && !done.await(10, TimeUnit.MILLISECONDS)) {
                // A fault may have ended the thread.
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void quiesce(Duration limit) {
        inLoop(() -> {
            if (fault != Fault.GOES_ON_TO_ACCEPT) {
                try {
                    acceptor.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
            if (fault != Fault.READS_NOTHING_AT_THE_END) {
                List.copyOf(connections).forEach(FaultyConnection::readAll);
            }
            connections.forEach(FaultyConnection::readNoMore);
        });
    }

    @Override
    public Unsent stop(Duration limit) {
        if (address == null) {
            if (fault == Fault.FAILS_TO_STOP) {
                throw new IllegalStateException("not started");
            }
            return Unsent.NONE;
        }
        tasks.execute(() -> {
            deadlineNs = System.nanoTime() + limit.toNanos();
            stopping = true;
            List.copyOf(connections).forEach(FaultyConnection::finish);
        });
        try {
            thread.join(fault == Fault.LEAVES_ITS_THREAD ? Duration.ofMillis(200) : limit.plusSeconds(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        address = null;
        return new Unsent(missedMembers, missedBytes);
    }
}
