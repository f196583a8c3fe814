package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.TransportContext;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;

/** What an endpoint is given in a test of the contract: real groups, and the policy {@code prefix}. */
record ContractContext(String name, Settings settings, Groups groups, Counters counters) implements TransportContext {

    @Override
    public Handshake handshake(List<String> defaults) {
        return new PrefixHandshake().create(settings);
    }

    @Override
    public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
        counters.add(reason, 1);
    }

    @Override
    public int parallelism() {
        return 2;
    }
}
