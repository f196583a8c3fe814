package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.UnsupportedAddressTypeException;

/** We connect to a server, which has still to answer. */
final class Connecting implements Stage {
    private final Arriving arriving;
    private final Dialler dialler;
    private final InetSocketAddress server;

    Connecting(Arriving arriving, Dialler dialler, InetSocketAddress server) {
        this.arriving = arriving;
        this.dialler = dialler;
        this.server = server;
    }

    @Override
    public void begin() {
        try {
            arriving.wire().socket().connect(server);
            advance();
        } catch (UnsupportedAddressTypeException _) {
            fail("there is no IPv6 here");
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void onReady() {
        try {
            advance();
        } catch (IOException e) {
            fail(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public void onTimeout() {
        fail("it does not answer");
    }

    private void advance() throws IOException {
        var socket = arriving.wire().socket();
        if (!socket.finishConnect()) {
            return;
        }
        var local = (InetSocketAddress) socket.getLocalAddress();
        if (local.equals(server)) {
            // TCP allows it where nobody listens on a port that the kernel gives out, and nobody could bind it again.
            fail("it does not listen: the connection was one to itself");
            return;
        }
        arriving.peer(new Peer(arriving.endpoint().context().name(), server, local));
        dialler.onConnected(server);
        var target = dialler.target();
        arriving.join(target.group(), _ -> target.greeting(), ByteBuffer.allocate(0));
    }

    private void fail(String why) {
        dialler.onFailed(TcpEndpoint.text(server) + ": " + why);
        arriving.end(Reason.CONNECT_FAILED);
    }

    @Override
    public String toString() {
        return "the connection";
    }
}
