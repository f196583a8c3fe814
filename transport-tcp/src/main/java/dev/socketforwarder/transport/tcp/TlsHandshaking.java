package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;

/**
 * A connection that negotiates TLS, on any loop. It becomes a {@link Handshaking}, or is closed; the time for both is that
 * of the first message.
 */
final class TlsHandshaking implements Arriving {
    private static final int LONGEST_DETAIL = 200;

    private final TcpEndpoint endpoint;
    private final TlsWire wire;
    private final Peer peer;
    private final Door.Entry entry;
    private final EventLoop loop;

    private SelectionKey key;
    private Deadlines.Deadline deadline;
    private long endNs;
    private volatile boolean over; // read by the thread that runs its tasks

    TlsHandshaking(TcpEndpoint endpoint, TlsWire wire, Peer peer, Door.Entry entry, EventLoop loop) {
        this.endpoint = endpoint;
        this.wire = wire;
        this.peer = peer;
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
            endpoint.forget(wire, entry);
            return;
        }
        try {
            key = wire.socket().register(loop.selector(), SelectionKey.OP_READ, this);
        } catch (IOException _) {
            endpoint.forget(wire, entry);
            return;
        }
        long limitNs = endpoint.settings().firstMessageTimeout().toNanos();
        endNs = System.nanoTime() + limitNs;
        deadline = loop.deadlines.in(limitNs, () -> refuse(Reason.TLS_HANDSHAKE_TIMEOUT, ""));
    }

    @Override
    public void onReady(SelectionKey ready) {
        advance();
    }

    private void advance() {
        try {
            switch (wire.negotiate()) {
                case READ -> key.interestOps(SelectionKey.OP_READ);
                case WRITE -> key.interestOps(SelectionKey.OP_WRITE);
                case TASKS -> {
                    key.interestOps(0);
                    endpoint.loops().runTask(this::runTasks);
                }
                case DONE -> admit();
            }
        } catch (EOFException _) {
            refuse(wire.hasBegun() ? Reason.TLS_HANDSHAKE_FAILED : Reason.PROBE, "the connection ended");
        } catch (TlsWire.NotTls e) {
            boolean isHeader = endpoint.door().expectsProxies() && ProxyHeader.isAtStartOf(e.received());
            refuse(isHeader ? Reason.PROXY_HEADER_UNEXPECTED : Reason.NOT_TLS, e.getMessage());
        } catch (TlsBuffers.Exhausted e) {
            refuse(Reason.TLS_BUFFERS_FULL, e.getMessage());
        } catch (IOException e) {
            refuse(wire.hasBegun() ? Reason.TLS_HANDSHAKE_FAILED : Reason.PROBE, detail(e));
        }
    }

    /** The engine says some of it in its peer's words. */
    private static String detail(IOException e) {
        var said = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " ");
        return said.substring(0, Math.min(said.length(), LONGEST_DETAIL));
    }

    private void runTasks() {
        if (!over) {
            wire.runTasks();
            loop.execute(() -> {
                if (!over) {
                    advance();
                }
            });
        }
    }

    private void admit() {
        over = true;
        deadline.cancel();
        var known = peer.withCertificates(wire.certificates());
        var handshaking = new Handshaking(endpoint, wire, known, entry, loop);
        key.attach(handshaking);
        key.interestOps(SelectionKey.OP_READ);
        handshaking.begin(key, endNs - System.nanoTime());
    }

    private void refuse(Reason reason, String detail) {
        if (!over) {
            endpoint.refused(reason, peer, detail, ByteBuffer.allocate(0));
            end();
        }
    }

    @Override
    public void end() {
        if (!over) {
            over = true;
            deadline.cancel();
            endpoint.forget(wire, entry);
        }
    }

    @Override
    public void onFailure() {
        refuse(Reason.INTERNAL_ERROR, "");
    }

    @Override
    public String toString() {
        return "the TLS handshake of " + TcpEndpoint.text(peer.remote());
    }
}
