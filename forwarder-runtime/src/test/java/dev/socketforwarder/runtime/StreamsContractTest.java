package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.FlowLimits;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.testkit.StreamContract;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A transport that is served by the runtime's own loop and streams keeps the promises of the API. */
class StreamsContractTest extends StreamContract {
    @TempDir
    private Path folder;

    // For the thread alone, which looks there for whom it hangs; the contract's groups are the kit's.
    private final GroupRegistry registry = new GroupRegistry(FlowLimits.DEFAULT, new Counters());

    private int endpoints;

    @AfterEach
    void closeRegistry() {
        registry.close();
    }

    @Override
    protected Transport transport() {
        return new Transport() {
            @Override
            public String type() {
                return "unix";
            }

            @Override
            public Endpoint open(TransportContext context) {
                var thread =
                        new EndpointThread(context.name(), context.name(), registry, FlowLimits.DEFAULT.stallTimeout());
                return new OnThread(thread, new UnixTransport().open(new OfRuntime(context, thread)));
            }
        };
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("path", folder.resolve("socket-" + endpoints++));
    }

    @Override
    protected Map<String, ?> settingsAt(SocketAddress taken) {
        return Map.of("path", ((UnixDomainSocketAddress) taken).getPath());
    }

    /** Begins and ends the thread as {@link EndpointContext} does. */
    private record OnThread(EndpointThread thread, Endpoint endpoint) implements Endpoint {
        @Override
        public void start() throws IOException {
            thread.start();
            endpoint.start();
        }

        @Override
        public List<SocketAddress> localAddresses() {
            return endpoint.localAddresses();
        }

        @Override
        public void quiesce(Duration limit) {
            endpoint.quiesce(limit);
        }

        @Override
        public Unsent stop(Duration limit) {
            try {
                return endpoint.stop(limit);
            } finally {
                thread.stop(PATIENCE);
            }
        }
    }

    /** What the kit gives, but for the loop and the streams. */
    private record OfRuntime(TransportContext kit, EndpointThread thread) implements TransportContext {
        @Override
        public String name() {
            return kit.name();
        }

        @Override
        public Settings settings() {
            return kit.settings();
        }

        @Override
        public Groups groups() {
            return kit.groups();
        }

        @Override
        public Handshake handshake(List<String> defaults) {
            return kit.handshake(defaults);
        }

        @Override
        public EndpointLoop loop() {
            return thread;
        }

        @Override
        public Streams streams(List<String> policies) {
            return new StreamServer(this, thread, policies);
        }

        @Override
        public Counters counters() {
            return kit.counters();
        }

        @Override
        public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
            kit.refused(reason, source, detail, offending);
        }

        @Override
        public Places connections() {
            return kit.connections();
        }

        @Override
        public int parallelism() {
            return kit.parallelism();
        }
    }
}
