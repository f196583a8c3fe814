package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.policies.TokenPolicy;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** The context of an endpoint in a test: settings from a map, and the policy {@code prefix} or {@code token}. */
public record TestContext(String name, TestSettings settings, Groups groups, Counters counters)
        implements TransportContext {

    public TestContext(String name, TestSettings settings, Groups groups) {
        this(name, settings, groups, new Counters());
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

    @Override
    public int parallelism() {
        return 1;
    }
}
