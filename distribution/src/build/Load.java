import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;

/**
 * The load of the training run: one member sends and others receive, in large reads, small reads and one by one, until
 * the JVM has found the hot code. Run from its source by {@code java Load.java TCP_PORT UDP_PORT}, against a program
 * whose {@code join-reply} is {@value #JOINED}.
 */
final class Load implements AutoCloseable {
    private static final int SESSIONS = 8;
    private static final int RECEIVERS = 20;
    private static final int SIZE = 128;
    private static final int LARGEST_WINDOW = 1024;
    private static final String JOINED = "joined";
    private static final String FIRST = "SOCKETFORWARDER-NEW:";
    private static final long PACE_NS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(200);

    /** Sends the forwarder this many messages. */
    private interface Sender {
        void send(int messages) throws IOException;
    }

    private final Selector selector = Selector.open();
    private final AtomicLongArray received = new AtomicLongArray(RECEIVERS); // bytes, by receiver
    private final Thread reader = Thread.ofPlatform().daemon().unstarted(this::read);
    private volatile boolean done;

    private Load() throws IOException {}

    static void main(String[] args) throws IOException {
        var tcp = new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0]));
        var udp = new InetSocketAddress(tcp.getAddress(), Integer.parseInt(args[1]));
        // Repeated, since code trained only on complete groups would be compiled anew when members leave or join.
        for (int i = 0; i < SESSIONS; i++) {
            overTcp(tcp);
            overUdp(udp);
        }
    }

    private static void overTcp(InetSocketAddress forwarder) throws IOException {
        try (var load = new Load();
                var sender = join(forwarder)) {
            for (int i = 0; i < RECEIVERS; i++) {
                load.add(join(forwarder), i);
            }
            var messages = ByteBuffer.allocateDirect(LARGEST_WINDOW * SIZE);
            Sender each = n -> writeFully(sender, messages.clear().limit(n * SIZE));
            load.run(LARGEST_WINDOW, 200_000, each);
            load.run(4, 8_000, each);
            load.pace(400, each);
        }
    }

    private static void overUdp(InetSocketAddress forwarder) throws IOException {
        try (var load = new Load();
                var sender = register(forwarder)) {
            for (int i = 0; i < RECEIVERS; i++) {
                load.add(register(forwarder), i);
            }
            var datagram = ByteBuffer.allocateDirect(SIZE);
            Sender each = n -> {
                for (int i = 0; i < n; i++) {
                    sender.write(datagram.clear());
                }
            };
            load.run(64, 8_000, each);
            load.run(4, 4_000, each);
            load.pace(400, each);
        }
    }

    private static SocketChannel join(InetSocketAddress forwarder) throws IOException {
        var socket = SocketChannel.open(forwarder);
        writeFully(socket, ByteBuffer.wrap((FIRST + "training\n").getBytes(StandardCharsets.UTF_8)));
        var reply = ByteBuffer.allocate(JOINED.length() + 1);
        while (reply.hasRemaining()) {
            if (socket.read(reply) < 0) {
                throw new IOException("not let in");
            }
        }
        return socket;
    }

    private static DatagramChannel register(InetSocketAddress forwarder) throws IOException {
        var socket = DatagramChannel.open().connect(forwarder);
        socket.write(ByteBuffer.wrap(FIRST.getBytes(StandardCharsets.UTF_8)));
        return socket;
    }

    private static void writeFully(SocketChannel socket, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    private void add(SelectableChannel receiver, int index) throws IOException {
        receiver.configureBlocking(false);
        receiver.register(selector, SelectionKey.OP_READ, index);
    }

    /** Send {@code total} messages, at most {@code window} ahead of the slowest receiver. */
    private void run(int window, int total, Sender sender) throws IOException {
        if (reader.getState() == Thread.State.NEW) {
            reader.start();
        }
        long start = slowest();
        long progressNs = System.nanoTime();
        for (int sent = 0; sent < total; ) {
            int room = Math.min(total - sent, window - (int) (sent - (slowest() - start) / SIZE));
            if (room > 0) {
                sender.send(room);
                sent += room;
                progressNs = System.nanoTime();
            } else if (!reader.isAlive()) {
                throw new IOException("the receivers failed");
            } else if (System.nanoTime() - progressNs < PATIENCE_NS) {
                LockSupport.parkNanos(10_000);
            } else {
                start = slowest() - (long) sent * SIZE; // datagrams may be lost, which does not matter here
            }
        }
    }

    /** Send {@code total} messages one by one, a thousand a second, so that the forwarder sleeps in between. */
    private void pace(int total, Sender sender) throws IOException {
        for (int sent = 0; sent < total; sent++) {
            sender.send(1);
            LockSupport.parkNanos(PACE_NS);
        }
    }

    private long slowest() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < RECEIVERS; i++) {
            least = Math.min(least, received.get(i));
        }
        return least;
    }

    private void read() {
        var buffer = ByteBuffer.allocateDirect(64 * 1024);
        try {
            while (!done) {
                selector.select(key -> {
                    try {
                        int n = ((ReadableByteChannel) key.channel()).read(buffer.clear());
                        if (n < 0) {
                            throw new IOException("a receiver was closed");
                        }
                        received.addAndGet((int) key.attachment(), n);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        done = true;
        selector.wakeup();
        try {
            reader.join();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        for (var key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
