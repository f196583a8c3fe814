package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.Dialling;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Target;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.api.kit.ListeningSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One TCP endpoint: the addresses that it listens on, and the servers that it connects to. */
final class TcpEndpoint implements Endpoint {
    private final TcpSettings settings;
    private final Streams streams;
    private final ListeningSockets sockets;
    private final Map<Target, Dialling> diallings = new HashMap<>();

    TcpEndpoint(TransportContext context, TcpSettings settings) {
        this.settings = settings;
        this.streams = context.streams(List.of("address", "prefix"));
        this.sockets = new ListeningSockets(context, streams);
    }

    @Override
    public void start() throws IOException {
        sockets.start(settings.listening());
        settings.connect().forEach(target -> diallings.put(target, streams.dial(target)));
    }

    /** Listen where the changed settings say, hang up on servers that are not wanted any more, and dial the new ones. */
    @Override
    public boolean adopt(Endpoint fresh) {
        var changed = ((TcpEndpoint) fresh).settings;
        try {
            if (!sockets.move(changed.listening())) {
                return false;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var wanted = changed.connect();
        diallings.keySet().stream()
                .filter(target -> !wanted.contains(target))
                .toList()
                .forEach(target -> diallings.remove(target).hangUp());
        wanted.forEach(target -> diallings.computeIfAbsent(target, streams::dial));
        return true;
    }

    @Override
    public List<SocketAddress> localAddresses() {
        return sockets.addresses();
    }

    @Override
    public void quiesce(Duration limit) {
        streams.quiesce(limit);
    }

    @Override
    public Unsent stop(Duration limit) {
        return sockets.stop(limit);
    }
}
