package dev.socketforwarder.tests;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Members that send at a steady pace and read all that they receive, until {@link #close}. */
final class SteadyTraffic implements AutoCloseable {
    private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(
            2, Thread.ofPlatform().daemon().name("traffic").factory());
    private final List<Runnable> ends = new ArrayList<>();

    /** Keep a member that only receives. */
    TcpClient read(TcpClient member) {
        ends.add(member::close);
        Thread.ofVirtual().start(() -> {
            try {
                var buffer = new byte[65_536];
                while (member.receive(buffer) >= 0) {}
            } catch (UncheckedIOException _) {
                // The member was closed, or nothing came for long.
            }
        });
        return member;
    }

    /** Keep a member that also sends such messages. */
    TcpClient send(TcpClient member, Duration every, Supplier<String> messages) {
        repeat(every, () -> member.send(messages.get()));
        return read(member);
    }

    /** Keep a member that reads nothing. */
    void ignore(TcpClient member) {
        ends.add(member::close);
    }

    /** Keep a socket whose datagrams, if it gets any, nobody reads. */
    UdpClient ignore(UdpClient member) {
        ends.add(member::close);
        return member;
    }

    /** Do something again and again, until it fails. */
    void repeat(Duration every, Runnable action) {
        clock.scheduleAtFixedRate(action, 0, every.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        clock.shutdownNow();
        ends.forEach(Runnable::run);
    }
}
