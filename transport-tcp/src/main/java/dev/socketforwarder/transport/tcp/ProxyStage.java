package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * A connection of a trusted proxy, whose header is still to come. With it, it becomes the {@link Handshaking} or {@link
 * TlsHandshaking} of the client that the header names. Nothing behind the header is read. Bounded in bytes and in time.
 */
final class ProxyStage implements Arriving {
    private static final int USUAL_LENGTH = 128;

    private final TcpEndpoint endpoint;
    private final SocketChannel channel;
    private final Peer proxy;
    private final Door.Entry entry;
    private final EventLoop loop;

    private Deadlines.Deadline deadline;
    private ByteBuffer received = ByteBuffer.allocate(USUAL_LENGTH);
    private boolean over;

    ProxyStage(TcpEndpoint endpoint, SocketChannel channel, Peer proxy, Door.Entry entry, EventLoop loop) {
        this.endpoint = endpoint;
        this.channel = channel;
        this.proxy = proxy;
        this.entry = entry;
        this.loop = loop;
    }

    @Override
    public TcpEndpoint endpoint() {
        return endpoint;
    }

    @Override
    public void begin() {
        if (endpoint.isQuiescing()) {
            endpoint.forget(channel, entry);
            return;
        }
        try {
            channel.register(loop.selector(), SelectionKey.OP_READ, this);
        } catch (IOException _) {
            endpoint.forget(channel, entry);
            return;
        }
        var timeout = endpoint.settings().firstMessageTimeout();
        deadline = loop.deadlines.in(timeout.toNanos(), () -> refuse(Reason.FIRST_MESSAGE_TIMEOUT, "no header"));
    }

    @Override
    public void onReady(SelectionKey ready) {
        try {
            read();
        } catch (IOException _) {
            onEnd();
        }
    }

    private void read() throws IOException {
        while (!over) {
            switch (ProxyHeader.parse(soFar())) {
                case ProxyHeader.NeedMore(int bytes) -> {
                    int n = channel.read(loop.scratch().limit(bytes));
                    if (n < 0) {
                        onEnd();
                        return;
                    }
                    if (n == 0) {
                        return;
                    }
                    keep(loop.scratch().limit(n));
                }
                case ProxyHeader.Complete(var source) -> admit(source);
                case ProxyHeader.Missing() -> refuse(Reason.PROXY_HEADER_MISSING, "");
                case ProxyHeader.Malformed(var detail) -> refuse(Reason.BAD_PROXY_HEADER, detail);
            }
        }
    }

    private void keep(ByteBuffer bytes) {
        if (received.remaining() < bytes.remaining()) {
            received = ByteBuffer.allocate(ProxyHeader.LONGEST).put(received.flip());
        }
        received.put(bytes);
    }

    private ByteBuffer soFar() {
        return received.asReadOnlyBuffer().flip();
    }

    private void onEnd() {
        refuse(received.position() == 0 ? Reason.PROBE : Reason.BAD_PROXY_HEADER, "");
    }

    private void admit(Optional<InetSocketAddress> source) {
        var client = source.map(address -> new Peer(proxy.endpoint(), address, proxy.local()))
                .orElse(proxy);
        var refusal = entry.identify(client.remote().getAddress());
        over = true;
        deadline.cancel();
        if (refusal.isPresent()) {
            endpoint.refused(refusal.get(), client, "", ByteBuffer.allocate(0));
            endpoint.forget(channel, entry);
        } else {
            endpoint.arriving(channel, client, entry, loop).begin();
        }
    }

    private void refuse(Reason reason, String detail) {
        if (!over) {
            endpoint.refused(reason, proxy, detail, soFar());
            end();
        }
    }

    @Override
    public void end() {
        if (!over) {
            over = true;
            deadline.cancel();
            endpoint.forget(channel, entry);
        }
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return "the proxy's header of " + TcpEndpoint.text(proxy.remote());
    }
}
