package dev.socketforwarder.runtime.streams.arrival;

import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads the header of a trusted proxy, and nothing behind the header. From then on the connection counts as that of the
 * client whom the header names.
 */
final class ProxyStage implements Stage {
    private static final int USUAL_LENGTH = 128;

    private final ArrivingConnection arriving;
    private ByteBuffer received = ByteBuffer.allocate(USUAL_LENGTH);

    ProxyStage(ArrivingConnection arriving) {
        this.arriving = arriving;
    }

    @Override
    public void begin() {}

    @Override
    public void onReady() {
        try {
            read();
        } catch (IOException _) {
            onEnd();
        }
    }

    @Override
    public void onTimeout() {
        arriving.refuse(Reason.FIRST_MESSAGE_TIMEOUT, "no PROXY header");
    }

    private void read() throws IOException {
        while (true) {
            switch (ProxyHeader.parse(received())) {
                case ProxyHeader.NeedMore(int bytes) -> {
                    if (!receive(bytes)) {
                        return;
                    }
                }
                case ProxyHeader.Complete(var source) -> {
                    admit(source);
                    return;
                }
                case ProxyHeader.Missing() -> {
                    arriving.refuse(Reason.PROXY_HEADER_MISSING, "");
                    return;
                }
                case ProxyHeader.Malformed(var detail) -> {
                    arriving.refuse(Reason.BAD_PROXY_HEADER, detail);
                    return;
                }
            }
        }
    }

    /** {@return whether any bytes came} */
    private boolean receive(int most) throws IOException {
        var buffer = arriving.loop().scratch();
        int n = arriving.wire().read(buffer.limit(most));
        if (n < 0) {
            onEnd();
        } else if (n > 0) {
            keep(buffer.flip());
        }
        return n > 0;
    }

    private void keep(ByteBuffer bytes) {
        if (received.remaining() < bytes.remaining()) {
            received = ByteBuffer.allocate(ProxyHeader.LONGEST).put(received.flip());
        }
        received.put(bytes);
    }

    @Override
    public ByteBuffer received() {
        return received.asReadOnlyBuffer().flip();
    }

    private void onEnd() {
        arriving.refuse(received.position() == 0 ? Reason.PROBE : Reason.BAD_PROXY_HEADER, "");
    }

    private void admit(Optional<InetSocketAddress> source) {
        received.clear(); // later log messages are not about the header
        var proxy = arriving.peer();
        source.ifPresent(address -> arriving.peer(new Peer(proxy.endpoint(), address, proxy.local())));
        var refusal = arriving.entry().identifyClient(arriving.peer());
        if (refusal.isPresent()) {
            arriving.refuse(refusal.get(), "");
        } else {
            arriving.next(arriving.reception().stageOfClient(arriving));
        }
    }

    @Override
    public String toString() {
        return "the proxy's header";
    }
}
