package dev.socketforwarder.runtime.streams.dial;

import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.util.Map;

/** A started endpoint that dials servers, and listens. */
final class DiallingServer extends TestServer {

    DiallingServer(Map<String, Object> settings) throws IOException {
        this(settings, FlowLimits.DEFAULT);
    }

    DiallingServer(Map<String, Object> settings, FlowLimits limits) throws IOException {
        super(new DiallingTransport(), settings, Framing.RAW, limits);
    }
}
