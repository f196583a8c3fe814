package dev.socketforwarder.testkit;

import java.io.IOException;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;

/** Plays a peer with a plain socket: TCP for an internet address, Unix domain for a path. */
public final class SocketClient implements StreamClient {
    private final SocketChannel channel;
    private final Selector selector;
    private final Duration limit;

    private SocketClient(SocketChannel channel, Selector selector, Duration limit) {
        this.channel = channel;
        this.selector = selector;
        this.limit = limit;
    }

    /**
     * Connect with the default limit for each wait.
     *
     * @param address an internet address, or the address of a Unix domain socket
     * @return the connected client
     * @throws IOException if the connection fails
     */
    public static SocketClient connect(SocketAddress address) throws IOException {
        return connect(address, TransportContract.PATIENCE);
    }

    /**
     * Connect with the given limit for each wait.
     *
     * @param address an internet address, or the address of a Unix domain socket
     * @param limit the longest time of each wait
     * @return the connected client
     * @throws IOException if the connection fails
     */
    public static SocketClient connect(SocketAddress address, Duration limit) throws IOException {
        var channel = SocketChannel.open(address);
        try {
            channel.configureBlocking(false);
            if (channel.supportedOptions().contains(StandardSocketOptions.TCP_NODELAY)) {
                channel.setOption(
                        StandardSocketOptions.TCP_NODELAY, true); // else what is sent may wait for an acknowledgement
            }
            return new SocketClient(channel, Selector.open(), limit);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (channel.write(buffer) > 0 || buffer.hasRemaining()) {
            if (!buffer.hasRemaining()) {
                return;
            }
            await(SelectionKey.OP_WRITE);
        }
    }

    @Override
    public byte[] receive(int n) throws IOException {
        var buffer = ByteBuffer.allocate(n);
        while (buffer.hasRemaining()) {
            int read = channel.read(buffer);
            if (read < 0) {
                break;
            }
            if (read == 0) {
                await(SelectionKey.OP_READ);
            }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void await(int what) throws IOException {
        channel.register(selector, what);
        long endNs = System.nanoTime() + limit.toNanos();
        while (selector.select(_ -> {}, Math.max(1, (endNs - System.nanoTime()) / 1_000_000)) == 0) {
            if (System.nanoTime() > endNs) {
                throw new SocketTimeoutException("nothing happened for " + limit.toSeconds() + " s");
            }
        }
    }

    @Override
    public boolean awaitEnd() {
        try {
            while (receive(8_192).length == 8_192) {
                // Discard the data before the end.
            }
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (IOException _) {
            return true; // a reset is an end too
        }
    }

    @Override
    public void endOutput() throws IOException {
        channel.shutdownOutput();
    }

    @Override
    public void reset() throws IOException {
        if (channel.supportedOptions().contains(StandardSocketOptions.SO_LINGER)) {
            channel.setOption(StandardSocketOptions.SO_LINGER, 0);
        }
        close();
    }

    @Override
    public void close() throws IOException {
        selector.close();
        channel.close();
    }
}
