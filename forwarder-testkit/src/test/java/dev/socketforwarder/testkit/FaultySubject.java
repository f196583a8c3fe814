package dev.socketforwarder.testkit;

import dev.socketforwarder.api.Transport;
import java.time.Duration;
import java.util.Map;

/** The contract for a transport with a fault; {@link MutantTest} runs it. */
final class FaultySubject extends StreamContract {
    static volatile Fault fault = Fault.NONE;

    private final Transport transport = new FaultyTransport(fault);

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
        return fault == Fault.NONE ? PATIENCE : Duration.ofSeconds(2); // a fault lets them wait to the end
    }
}
