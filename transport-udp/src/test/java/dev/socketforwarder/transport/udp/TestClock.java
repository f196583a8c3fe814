package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** A clock that advances only when told to. Thread-safe. */
public final class TestClock implements LongSupplier {
    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 10);

    private final AtomicReference<Callable<Void>> hold = new AtomicReference<>();

    @Override
    public long getAsLong() {
        var held = hold.getAndSet(null);
        if (held != null) {
            try {
                held.call();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }
        return nowNs.get();
    }

    /** Hold up the next reader of the clock until the call returns. */
    void holdNext(Callable<Void> until) {
        hold.set(until);
    }

    public void pass(Duration time) {
        nowNs.addAndGet(time.toNanos());
    }

    /** Start an endpoint on this clock, which it reads when something arrives. */
    public TestServer start(TestSettings settings) throws IOException {
        var transport = new UdpTransport(TestMachine.withClock(this));
        return TestServer.start(transport, new TestContext("udp", settings, TestServer.groups()));
    }
}
