package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** A clock that stands still until it is told otherwise. Thread-safe. */
final class TestClock implements LongSupplier {
    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 10);

    @Override
    public long getAsLong() {
        return nowNs.get();
    }

    void pass(Duration time) {
        nowNs.addAndGet(time.toNanos());
    }

    /** Start an endpoint that lives by this clock. It looks at the time when something comes. */
    TestServer start(TestSettings settings) throws IOException {
        var transport = new UdpTransport(TestMachine.withClock(this));
        return TestServer.start(transport, new TestContext("udp", settings, TestServer.groups()));
    }
}
