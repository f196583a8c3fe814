package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Transport;
import java.time.Duration;
import java.util.Map;

/** The transport contract for a transport with a fault. {@link Mutants} runs its tests. */
final class FaultySubject extends StreamContract {
    private final Transport transport = new FaultyTransport((Fault) Mutants.current());
    private final Duration patience = Mutants.patience();

    @Override
    protected Transport transport() {
        return transport;
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("host-address", "127.0.0.1", "port", 0);
    }

    @Override
    protected Duration patience() {
        return patience;
    }
}
