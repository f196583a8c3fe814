package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.EndpointLoop;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.loop.EndpointThread;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** Runs the loop that the runtime gives to an endpoint. The loop has started when the constructor returns. */
public final class TestLoop implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final EndpointThread thread;

    public TestLoop(String endpoint, GroupRegistry groups) {
        thread = new EndpointThread(endpoint, endpoint, groups, FlowLimits.DEFAULT.stallTimeout());
        try {
            thread.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public EndpointLoop loop() {
        return thread;
    }

    @Override
    public void close() {
        thread.stop(LIMIT);
    }
}
