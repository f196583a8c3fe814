package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** A transport without sockets. It records the calls of its endpoints, and runs what a test asks for at a call. */
public final class FakeTransport implements Transport {
    /** An action that a test runs at a step of an endpoint's life. */
    @FunctionalInterface
    public interface Step {
        void run() throws IOException;
    }

    private final String type;
    public final List<String> events = Collections.synchronizedList(new ArrayList<>());
    public final List<TransportContext> contexts = new ArrayList<>();
    public final CountDownLatch started = new CountDownLatch(1);
    public Protocol protocol = Protocol.TCP;
    public Step onOpen = () -> {};
    public Step onStart = () -> {};
    public Step onQuiesce = () -> {};
    public Step onStop = () -> {};
    public Endpoint.Unsent unsent = Endpoint.Unsent.NONE;

    public FakeTransport(String type) {
        this.type = type;
    }

    @Override
    public String type() {
        return type;
    }

    @Override
    public Protocol protocol() {
        return protocol;
    }

    @Override
    public Endpoint open(TransportContext context) {
        contexts.add(context);
        var settings = context.settings();
        run(onOpen);
        var hosts = settings.list("host-address", List.of("0.0.0.0"));
        int port = settings.required("port", 0, 65_535);
        settings.size("max-read-in-size", 65_536, 1, 1 << 20);
        settings.list("preconfig-addresses", List.of());
        settings.flag("echo", false);
        context.handshake(List.of("prefix"));
        return new FakeEndpoint(context.name(), hosts.getFirst(), port);
    }

    private static void run(Step step) {
        try {
            step.run();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class FakeEndpoint implements Endpoint {
        private final String name;
        private final InetSocketAddress address;

        FakeEndpoint(String name, String host, int port) {
            this.name = name;
            this.address = new InetSocketAddress(host, port);
        }

        @Override
        public void start() throws IOException {
            events.add("start " + name);
            onStart.run();
            started.countDown();
        }

        @Override
        public List<SocketAddress> localAddresses() {
            return List.of(address);
        }

        @Override
        public void quiesce(Duration limit) {
            events.add("quiesce " + name);
            FakeTransport.run(onQuiesce);
        }

        @Override
        public Unsent stop(Duration limit) {
            events.add("stop " + name + (limit.isZero() ? " at once" : ""));
            FakeTransport.run(onStop);
            return unsent;
        }
    }
}
