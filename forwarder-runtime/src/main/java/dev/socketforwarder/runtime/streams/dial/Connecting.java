package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.Deadlines.Deadline;
import dev.socketforwarder.api.EndpointLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnsupportedAddressTypeException;
import java.time.Duration;

/** One attempt to connect to one address, bounded in time. On the dialler's loop. */
final class Connecting implements EndpointLoop.Ready {

    /** Who wants to know what becomes of it: one of these is called, once, unless it is closed before. */
    interface Outcome {
        /** It is connected, and no longer registered with the loop. */
        void onConnected(SocketChannel channel, InetSocketAddress server, InetSocketAddress local);

        /** It is closed. */
        void onFailed(InetSocketAddress server, String why);
    }

    private final EndpointLoop loop;
    private final InetSocketAddress server;
    private final Outcome outcome;
    private final SocketChannel channel;
    private SelectionKey key;
    private Deadline deadline; // null: not begun
    private boolean over;

    /**
     * Make one that has not begun.
     *
     * @throws IOException if there is no descriptor, say
     */
    Connecting(EndpointLoop loop, InetSocketAddress server, Outcome outcome) throws IOException {
        this.loop = loop;
        this.server = server;
        this.outcome = outcome;
        this.channel = SocketChannel.open();
    }

    void begin(Duration limit) {
        deadline = loop.deadlines().in(limit.toNanos(), () -> fail("it does not answer"));
        try {
            channel.configureBlocking(false);
            key = loop.register(channel, SelectionKey.OP_CONNECT, this);
            channel.connect(server);
            advance();
        } catch (UnsupportedAddressTypeException _) {
            fail("there is no IPv6 here");
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
            // TCP allows it where nobody listens on a port that the kernel gives out, and nobody could bind it again.
            fail("it does not listen: the connection was one to itself");
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

    /** Give it up without a word, unless it is over. */
    void close() {
        if (!over) {
            over = true;
            deadline.cancel();
            try {
                channel.close();
            } catch (IOException _) {
                // It has never been used.
            }
        }
    }
}
