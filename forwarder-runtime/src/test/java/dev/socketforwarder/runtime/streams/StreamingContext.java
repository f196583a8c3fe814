package dev.socketforwarder.runtime.streams;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.streams.member.StreamRules;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The contract kit's context, but with the runtime's streams, which must keep the kit's promises too. */
public record StreamingContext(TransportContext kit, EventLoops loops, boolean mayBlock) implements TransportContext {

    /**
     * {@return this transport, whose endpoints are given the runtime's streams} The streams ask policies that may
     * block, or not.
     */
    public static Transport with(Transport transport, boolean mayBlock) {
        var loops = new EventLoops();
        return new Transport() {
            @Override
            public String type() {
                return transport.type();
            }

            @Override
            public Endpoint open(TransportContext context) {
                return transport.open(new StreamingContext(context, loops, mayBlock));
            }
        };
    }

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
    public Optional<Tls> tls() {
        return kit.tls();
    }

    @Override
    public EndpointLoop loop() {
        return kit.loop();
    }

    @Override
    public Streams streams(List<String> policies, Codec.Factory codecs) {
        return new StreamServer(
                this,
                kit.groups(),
                loops,
                StreamRules.read(settings(), connections().most(), kit.handshake(policies), mayBlock, tls()),
                Optional.of(codecs));
    }

    @Override
    public Streams streams(List<String> policies) {
        return new StreamServer(
                this,
                kit.groups(),
                loops,
                StreamRules.read(settings(), connections().most(), kit.handshake(policies), mayBlock, tls()));
    }

    @Override
    public Optional<Tls> tlsTo(Settings server, String host) {
        return kit.tlsTo(server, host);
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

    @Override
    public List<InheritedSocket> inheritedSockets(Transport.Protocol protocol, List<InetSocketAddress> configured) {
        return kit.inheritedSockets(protocol, configured);
    }

    @Override
    public void saveState(byte[] state) {
        kit.saveState(state);
    }

    @Override
    public Optional<byte[]> takeState() {
        return kit.takeState();
    }
}
