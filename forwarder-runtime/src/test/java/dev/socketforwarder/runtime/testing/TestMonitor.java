package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.monitor.History;
import dev.socketforwarder.runtime.monitor.Monitor;
import dev.socketforwarder.runtime.monitor.Sampler;
import dev.socketforwarder.runtime.monitor.Subject;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;

/** A monitor of a process without endpoints, every group of which may be tapped. A drain only counts {@link #drain} down. */
public final class TestMonitor implements AutoCloseable {
    public final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    public final CountDownLatch drain = new CountDownLatch(1);
    public final Subject subject = Fakes.subject(groups, drain);
    public final Sampler sampler = new Sampler(subject, Instant::now, System::nanoTime);
    public final Monitor monitor = new Monitor(subject, sampler, new History(Instant::now), Instant::now);

    @Override
    public void close() {
        groups.close();
    }
}
