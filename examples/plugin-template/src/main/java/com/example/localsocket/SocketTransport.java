package com.example.localsocket;

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

/** Makes endpoints that listen on a Unix domain socket. The setting {@code path} names the socket. */
public final class SocketTransport implements Transport {

    /** Make the transport. {@link java.util.ServiceLoader} calls this constructor. */
    public SocketTransport() {}

    @Override
    public String type() {
        return "localsocket";
    }

    @Override
    public Protocol protocol() {
        return Protocol.OTHER;
    }

    @Override
    public Endpoint open(TransportContext context) {
        var path = Path.of(context.settings().requiredText("path"));
        return new SocketEndpoint(context.name(), path, context.streams(List.of("prefix")));
    }

    private static final class SocketEndpoint implements Endpoint {
        private final String name;
        private final Path path;
        private final Streams streams;
        private boolean isBound;

        SocketEndpoint(String name, Path path, Streams streams) {
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
                        name + " cannot bind " + path + ": " + e.getMessage() + "; stop the program that holds it, or"
                                + " remove the file if there is none",
                        e);
            }
            isBound = true;
            streams.listen(listener);
        }

        @Override
        public List<SocketAddress> localAddresses() {
            return isBound ? List.of(UnixDomainSocketAddress.of(path)) : List.of();
        }

        @Override
        public void quiesce(Duration limit) {
            streams.quiesce(limit);
        }

        @Override
        public Unsent stop(Duration limit) {
            var unsent = streams.stop(limit);
            if (isBound) {
                isBound = false;
                try {
                    Files.deleteIfExists(path);
                } catch (IOException _) {
                    // A file that is left affects only the next start, whose error message names the file.
                }
            }
            return unsent;
        }
    }
}
