package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.ListeningAddresses;
import dev.socketforwarder.transport.udp.members.LocalInterfaces;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.Registry;
import dev.socketforwarder.transport.udp.members.TurnClock;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests a thread whose turns fail, on the test's own thread. */
@Timeout(60)
class UdpLoopTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final RecordingSockets sockets = new RecordingSockets(new InetSocketAddress(LOOPBACK, 9));
    private final TestContext context = new TestContext("udp", TestServer.settings(IoPath.NIO), TestServer.groups());
    private UdpLoop loop;

    @BeforeEach
    void makeLoopWithAMember() {
        var settings = UdpSettings.read(context.settings());
        var tasks = new TaskQueue(() -> {});
        var clock = new TurnClock(System::nanoTime);
        var registrations = new Registrations(
                new Registry(settings.members(), 0),
                context,
                settings,
                new ListeningAddresses(new LocalInterfaces()),
                tasks,
                clock);
        registrations.enter();
        registrations.preconfigure(
                new InetSocketAddress(LOOPBACK, 10), address -> sockets.destination(0, LOOPBACK, address));
        // Nothing is forwarded here.
        loop = new UdpLoop(sockets, tasks, null, registrations, clock, new Tally(context), 0);
        // The pauses after a failure end at once.
        Thread.currentThread().interrupt();
    }

    @AfterEach
    void clearInterrupt() {
        Thread.interrupted();
    }

    @Test
    void anErrorCostsThatTurnAlone() {
        var turns = new AtomicInteger();
        sockets.onAwait = () -> {
            switch (turns.incrementAndGet()) {
                case 3 -> loop.end();
                default -> throw new StackOverflowError("broken on purpose");
            }
        };

        loop.run();

        assertThat(turns).hasValue(3);
        assertThat(sockets.closed).isTrue();
    }

    @Test
    void aThreadThatCannotGoOnServesNobodyAndHoldsNoSocket() {
        var turns = new AtomicInteger();
        sockets.onAwait = () -> {
            turns.incrementAndGet();
            throw new NoClassDefFoundError("broken on purpose");
        };

        loop.run();

        assertThat(turns).hasValue(UdpLoop.MOST_FAILURES);
        assertThat(sockets.closed).isTrue();
        assertThat(context.counters().get(Counter.MEMBERS)).isZero();
    }

    @Test
    void withoutMemoryTheThreadEndsByTheErrorThatEndsTheProcess() {
        sockets.onAwait = () -> {
            throw new OutOfMemoryError("broken on purpose");
        };

        assertThatThrownBy(loop::run).isInstanceOf(OutOfMemoryError.class);
        assertThat(sockets.closed).isTrue();
    }
}
