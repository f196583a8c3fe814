package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A transport for Unix domain sockets, written with the API alone, as a plugin author would write it. */
public final class UnixTransport implements Transport {

    @Override
    public String type() {
        return "unix";
    }

    @Override
    public Protocol protocol() {
        return Protocol.OTHER;
    }

    @Override
    public Endpoint open(TransportContext context) {
        var path = Path.of(context.settings().requiredText("path"));
        return new UnixEndpoint(context.name(), path, context.streams(List.of("prefix")));
    }

    private static final class UnixEndpoint implements Endpoint {
        private final String name;
        private final Path path;
        private final Streams streams;
        private boolean bound;

        UnixEndpoint(String name, Path path, Streams streams) {
            this.name = name;
            this.path = path;
            this.streams = streams;
        }

        @Override
        public void start() throws IOException {
            var listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                listener.bind(UnixDomainSocketAddress.of(path));
            } catch (IOException e) {
                listener.close();
                throw new IOException(
                        name + " cannot bind " + path + ": " + e.getMessage() + "; remove the file, or set transports."
                                + name + ".path",
                        e);
            }
            bound = true;
            streams.listen(listener);
        }

        @Override
        public List<SocketAddress> localAddresses() {
            return bound ? List.of(UnixDomainSocketAddress.of(path)) : List.of();
        }

        @Override
        public void quiesce(Duration limit) {
            streams.quiesce(limit);
        }

        @Override
        public Unsent stop(Duration limit) {
            var unsent = streams.stop(limit);
            if (bound) {
                bound = false;
                try {
                    Files.deleteIfExists(path);
                } catch (IOException _) {
                    // The file hinders only the next start, whose error message names it.
                }
            }
            return unsent;
        }
    }
}
