package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Deadlines.Deadline;
import dev.socketforwarder.api.EndpointLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;

/** One attempt to connect to one address, bounded in time. Used on the dialler's loop. */
final class Connecting implements EndpointLoop.Ready {

    /** Learns how the attempt ends. One of these methods is called once, unless the attempt is closed first. */
    interface Outcome {
        /** The channel is connected, and no longer registered with the loop. */
        void onConnected(SocketChannel channel, InetSocketAddress server, InetSocketAddress local);

        /** The attempt has failed, and its channel is closed. */
        void onFailed(InetSocketAddress server, String why);
    }

    private final EndpointLoop loop;
    private final InetSocketAddress server;
    private final Outcome outcome;
    private final SocketChannel channel;
    private SelectionKey key;
    private Deadline deadline; // null: the attempt has not begun
    private boolean over;

    /**
     * Make an attempt that has not begun.
     *
     * @throws IOException if no channel can be opened, for example because descriptors are short
     */
    Connecting(EndpointLoop loop, InetSocketAddress server, Outcome outcome) throws IOException {
        this.loop = loop;
        this.server = server;
        this.outcome = outcome;
        this.channel = SocketChannel.open();
    }

    void begin(Duration limit) {
        deadline = loop.deadlines().in(limit.toNanos(), () -> fail("the server does not answer"));
        try {
            channel.configureBlocking(false);
            key = loop.register(channel, SelectionKey.OP_CONNECT, this);
            channel.connect(server);
            advance();
        } catch (UnsupportedAddressTypeException _) {
            fail("this machine has no IPv6");
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void onReady(SelectionKey ready) throws IOException {
        advance();
    }

    @Override
    public void failed(Throwable thrown) {
        fail(String.valueOf(thrown.getMessage()));
    }

    private void advance() throws IOException {
        if (!channel.finishConnect()) {
            return;
        }
        var local = (InetSocketAddress) channel.getLocalAddress();
        if (local.equals(server)) {
            // TCP can connect a port to itself, if nobody listens on a port that the kernel hands out to clients. As
            // long as that connection lasts, no server could bind the port again.
            fail("nobody listens there: the connection led back to itself");
            return;
        }
        over = true;
        deadline.cancel();
        key.cancel();
        outcome.onConnected(channel, server, local);
    }

    private void fail(String why) {
        if (!over) {
            close();
            outcome.onFailed(server, why);
        }
    }

    /** Give up the attempt without telling anybody, unless it is over. */
    void close() {
        if (!over) {
            over = true;
            deadline.cancel();
            try {
                channel.close();
            } catch (IOException _) {
                // The channel was never used.
            }
        }
    }
}
