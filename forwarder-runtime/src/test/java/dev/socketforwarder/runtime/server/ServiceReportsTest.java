package dev.socketforwarder.runtime.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.loop.EndpointThread;
import dev.socketforwarder.runtime.service.ServiceManager;
import dev.socketforwarder.runtime.service.ServiceManagerSocket;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ServiceReportsTest {
    private static final Duration LIMIT = Duration.ofMillis(400);

    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final EventLoops loops = new EventLoops();
    private final Server server = new Server(List.of(), System::nanoTime);
    private final CountDownLatch hang = new CountDownLatch(1);

    @TempDir
    private Path folder;

    private ServiceManager manager;

    @AfterEach
    void close() {
        hang.countDown();
        groups.close();
    }

    private ServiceReports start() {
        var environment = Map.of(
                "NOTIFY_SOCKET", folder.resolve("notify").toString(),
                "WATCHDOG_USEC", Long.toString(LIMIT.toMillis() * 1_000));
        manager = ServiceManager.of(environment, 1);
        return ServiceReports.start(manager, server, groups, loops);
    }

    private ServiceManagerSocket listen() throws IOException {
        return new ServiceManagerSocket(folder.resolve("notify").toString());
    }

    private void hang() {
        try {
            hang.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void awaitAlive(ServiceManagerSocket socket) {
        var said = socket.receive();
        while (!said.equals("WATCHDOG=1")) {
            said = socket.receive();
        }
    }

    private void expectSilence(ServiceManagerSocket socket, TestLog log) {
        while (!log.text().contains(" does not turn; the service manager restarts the forwarder")) {
            LockSupport.parkNanos(1_000_000);
        }
        manager.status("silent from here");
        var said = socket.receive();
        while (!said.equals("STATUS=silent from here")) {
            said = socket.receive();
        }
        long endNs = System.nanoTime() + 2 * LIMIT.toNanos();
        for (int i = 0; System.nanoTime() < endNs; i++) {
            manager.status("still silent " + i);
            assertThat(socket.receive()).startsWith("STATUS=");
            LockSupport.parkNanos(10_000_000);
        }
    }

    @Test
    void readinessComesWithTheFirstStatus() throws IOException {
        try (var socket = listen();
                var _ = start()) {
            assertThat(socket.receive()).startsWith("STATUS=0 members in 0 groups");
            assertThat(socket.receive()).isEqualTo("READY=1");
        }
    }

    @Test
    void theWatchdogIsFedWhileLoopsTurnAndNotWhileOneHangs() throws IOException {
        loops.acquire(2);
        try (var log = new TestLog();
                var socket = listen();
                var _ = start()) {
            awaitAlive(socket);
            awaitAlive(socket);
            loops.all().getLast().execute(this::hang);
            expectSilence(socket, log);
            assertThat(log.text()).contains("event-loop-1 does not turn").doesNotContain("event-loop-0");
            hang.countDown();
            awaitAlive(socket);
        } finally {
            hang.countDown();
            loops.release();
        }
    }

    @Test
    void theWatchdogIsFedWhileALoopOfAPluginHangs() throws IOException {
        var loop = new EndpointThread("plugin", "plugin", groups, Duration.ofMinutes(1));
        loop.start();
        loop.execute(this::hang);
        var publisher = groups.publisher(GroupId.of("g"), loop);
        try (var socket = listen();
                var _ = start()) {
            long endNs = System.nanoTime() + 2 * LIMIT.toNanos();
            while (System.nanoTime() < endNs) {
                awaitAlive(socket);
            }
        } finally {
            hang.countDown();
            loop.execute(() -> publisher.leave(Reason.LEFT));
            loop.stop(Duration.ofSeconds(20));
        }
    }

    @Test
    void anOwnerOfMembersThatHangsCountsToo() throws IOException {
        Owner hanging = _ -> {};
        var publisher = groups.publisher(GroupId.of("g"), hanging);
        try (var log = new TestLog();
                var socket = listen();
                var _ = start()) {
            expectSilence(socket, log);
            publisher.leave(Reason.LEFT);
            awaitAlive(socket);
        }
    }
}
