package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.wire.TlsBuffers;
import dev.socketforwarder.runtime.streams.wire.TlsWire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.SelectionKey;

/** Negotiates TLS with a client, before its first message. */
final class TlsStage implements Stage {
    private static final int LONGEST_DETAIL = 200;

    private final ArrivingConnection arriving;
    private final Reception reception;
    private final TlsWire wire;

    TlsStage(ArrivingConnection arriving, TlsWire wire) {
        this.arriving = arriving;
        this.reception = arriving.reception();
        this.wire = wire;
    }

    @Override
    public void begin() {
        arriving.wire(wire);
    }

    @Override
    public void onReady() {
        advance();
    }

    @Override
    public void onTimeout() {
        arriving.refuse(Reason.TLS_HANDSHAKE_TIMEOUT, "");
    }

    private void advance() {
        try {
            switch (wire.negotiate()) {
                case READ -> arriving.await(SelectionKey.OP_READ);
                case WRITE -> arriving.await(SelectionKey.OP_WRITE);
                case TASKS -> {
                    arriving.await(0);
                    reception.shared().loops().runTask(this::runTasks);
                }
                case DONE -> admit();
            }
        } catch (EOFException _) {
            arriving.refuse(wire.hasBegun() ? Reason.TLS_HANDSHAKE_FAILED : Reason.PROBE, "the connection ended");
        } catch (TlsWire.NotTls e) {
            boolean isHeader = reception.shared().rules().expectsProxies() && ProxyHeader.isAtStartOf(e.received());
            arriving.refuse(isHeader ? Reason.PROXY_HEADER_UNEXPECTED : Reason.NOT_TLS, e.getMessage());
        } catch (TlsBuffers.Exhausted e) {
            arriving.refuse(Reason.TLS_BUFFERS_FULL, e.getMessage());
        } catch (IOException e) {
            arriving.refuse(wire.hasBegun() ? Reason.TLS_HANDSHAKE_FAILED : Reason.PROBE, detail(e));
        }
    }

    /** {@return the engine's message for the log, which may contain the peer's own words} */
    private static String detail(IOException e) {
        var said = String.valueOf(e.getMessage()).replaceAll("\\p{Cntrl}", " ");
        return said.substring(0, Math.min(said.length(), LONGEST_DETAIL));
    }

    private void runTasks() {
        if (!arriving.isOver()) {
            wire.runTasks();
            arriving.loop().execute(arriving, () -> {
                if (!arriving.isOver()) {
                    advance();
                }
            });
        }
    }

    private void admit() {
        arriving.peer(arriving.peer().withCertificates(wire.certificates()));
        arriving.await(SelectionKey.OP_READ);
        arriving.next(reception.stageOfMessages(arriving));
    }

    @Override
    public String toString() {
        return "the TLS handshake";
    }
}
