package dev.socketforwarder.transport.udp.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.transport.udp.RecordingSockets;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests what two threads of one endpoint do to each other's registrations. */
@Timeout(60)
class RegistrationsTest {
    private static final InetSocketAddress MEMBER = new InetSocketAddress(InetAddress.ofLiteral("192.0.2.1"), 1);

    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestContext context = new TestContext("udp", TestServer.settings(IoPath.NIO), groups);
    private final UdpSettings settings = UdpSettings.read(context.settings());
    private final Registry registry = new Registry(settings.members(), 0);
    private final RecordingSockets sockets =
            new RecordingSockets(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 2));

    private Registrations registrations(Owner owner) {
        var listening = new ListeningAddresses(new LocalInterfaces());
        return new Registrations(registry, context, settings, listening, owner, new TurnClock(System::nanoTime));
    }

    @Test
    void whatAnotherThreadEndsLeavesTheGroupThoughItsOwnEndsBeforeItHears() throws InterruptedException {
        // Like a thread that takes no more tasks.
        var ending = registrations(_ -> {});
        var other = registrations(_ -> {});
        var thread = new Thread(() -> {
            ending.enter();
            ending.register(MEMBER, MEMBER, to -> sockets.destination(0, MEMBER.getAddress(), to));
        });
        thread.start();
        thread.join();
        other.enter();
        assertThat(other.unregister(MEMBER)).isEmpty();
        other.leave();
        assertThat(groups.size()).isEqualTo(1);
        ending.leave();
        assertThat(groups.size()).isZero();
        groups.close();
    }
}
