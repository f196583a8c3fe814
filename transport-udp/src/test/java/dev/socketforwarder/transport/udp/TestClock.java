package dev.socketforwarder.transport.udp;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/** A clock that stands still until it is told otherwise. Thread-safe. */
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

    /** Hold up whoever looks at the time next, for as long as this takes. */
    void holdNext(Callable<Void> until) {
        hold.set(until);
    }

    public void pass(Duration time) {
        nowNs.addAndGet(time.toNanos());
    }

    /** Start an endpoint that lives by this clock. It looks at the time when something comes. */
    public TestServer start(TestSettings settings) throws IOException {
        var transport = new UdpTransport(TestMachine.withClock(this));
        return TestServer.start(transport, new TestContext("udp", settings, TestServer.groups()));
    }
}
