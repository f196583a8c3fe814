package dev.socketforwarder.transport.tcp;

import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** A started endpoint of the TCP transport, with the policy {@code address}. */
final class TcpServer extends TestServer {

    TcpServer(Map<String, Object> settings) throws IOException {
        this(settings, FlowLimits.DEFAULT);
    }

    TcpServer(Map<String, Object> settings, FlowLimits limits) throws IOException {
        super(new TcpTransport(), withPolicy(settings), Framing.RAW, limits);
    }

    private static Map<String, Object> withPolicy(Map<String, Object> settings) {
        var all = new HashMap<>(settings);
        all.put("policy", new AddressPolicy());
        return all;
    }
}
