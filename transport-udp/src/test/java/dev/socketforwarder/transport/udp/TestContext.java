package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Codec;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.Streams;
import dev.socketforwarder.api.Tls;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** The context of an endpoint in a test: settings from a map, and the policy {@code prefix} or {@code token}. */
public class TestContext implements TransportContext {
    private final String name;
    private final TestSettings settings;
    private final Groups groups;
    private final Counters counters;
    private volatile byte[] state = {};
    private List<InheritedSocket> inherited = List.of();

    public TestContext(String name, TestSettings settings, Groups groups) {
        this(name, settings, groups, new Counters());
    }

    public TestContext(String name, TestSettings settings, Groups groups, Counters counters) {
        this.name = name;
        this.settings = settings;
        this.groups = groups;
        this.counters = counters;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TestSettings settings() {
        return settings;
    }

    @Override
    public Groups groups() {
        return groups;
    }

    @Override
    public Counters counters() {
        return counters;
    }

    @Override
    public Handshake handshake(List<String> defaults) {
        boolean isToken = settings.list("handshake", defaults).equals(List.of("token"));
        return (isToken ? new TokenPolicy() : new PrefixHandshake()).create(settings);
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
    }

    /** {@return what the endpoint has saved; empty if nothing} */
    public byte[] state() {
        return state;
    }

    @Override
    public void saveState(byte[] saved) {
        state = saved;
    }

    @Override
    public Optional<byte[]> takeState() {
        var taken = state;
        state = new byte[0];
        return taken.length == 0 ? Optional.empty() : Optional.of(taken);
    }

    @Override
    public List<InheritedSocket> inheritedSockets(Protocol protocol, List<InetSocketAddress> configured) {
        return inherited;
    }

    /** Let the endpoint use these sockets. */
    public TestContext inheriting(InheritedSocket... sockets) {
        inherited = List.of(sockets);
        return this;
    }

    @Override
    public int parallelism() {
        return 1;
    }

    @Override
    public Optional<Tls> tls() {
        return Optional.empty();
    }

    @Override
    public Places connections() {
        throw new UnsupportedOperationException("datagrams have no connections");
    }

    @Override
    public EndpointLoop loop() {
        throw new UnsupportedOperationException("the transport has loops of its own");
    }

    @Override
    public Streams streams(List<String> policies) {
        throw new UnsupportedOperationException("datagrams are no streams");
    }

    @Override
    public Streams streams(List<String> policies, Codec.Factory codecs) {
        throw new UnsupportedOperationException("datagrams are no streams");
    }

    @Override
    public Optional<Tls> tlsTo(Settings server, String host) {
        return Optional.empty();
    }
}
