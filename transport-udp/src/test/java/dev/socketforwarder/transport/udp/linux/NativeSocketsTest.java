package dev.socketforwarder.transport.udp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.UdpEndpointTest;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests what only the native path does, or only it can get wrong. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
@Timeout(60)
class NativeSocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int SO_NO_CHECK = 11;
    private static final int SIZE = 100;

    private final TestContext context = new TestContext("udp", TestServer.settings(IoPath.NATIVE), TestServer.groups());

    private NativeSockets bind() throws IOException {
        return NativeSockets.bind(context, UdpSettings.read(context.settings()), true, new Tally(context), List.of());
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0,127.3.0.7", "::,127.3.0.7", "::,::1", "127.3.0.7,127.3.0.7"})
    void datagramsLeaveFromTheAddressThatTheMemberRegisteredAt(String bound, String at) throws IOException {
        UdpEndpointTest.assumeIpv6();
        var settings = TestServer.settings(IoPath.NATIVE).set("host-address", bound);
        try (var server = TestServer.start(settings);
                var member = peer(server, at);
                var sender = peer(server, at.equals("::1") ? "::1" : bound.equals(at) ? at : "127.0.0.1")) {
            member.register();
            server.awaitMembers(1);
            // A run, sent as one message.
            for (int i = 0; i < 20; i++) {
                sender.send("datagram");
            }
            for (int i = 0; i < 20; i++) {
                assertThat(member.receivePacket().getAddress()).isEqualTo(InetAddress.ofLiteral(at));
            }
        }
    }

    private static TestPeer peer(TestServer server, String at) throws IOException {
        var address = InetAddress.ofLiteral(at);
        return new TestPeer(
                new InetSocketAddress(address, server.port()),
                address.getAddress().length == 4 ? LOOPBACK : InetAddress.ofLiteral("::1"));
    }

    @Test
    void whereTheKernelRefusesSegmentsOfASizeTheRunIsSentSingly() throws IOException {
        try (var arena = Arena.ofConfined();
                var peer = new TestPeer(new InetSocketAddress(LOOPBACK, 9))) {
            var tally = new Tally(context);
            var libc = new Libc(arena);
            var socket = NativeSocket.bind(
                    libc, "udp", new InetSocketAddress(LOOPBACK, 0), UdpSettings.Buffers.DEFAULT, false);
            // Without checksums the kernel refuses segments with EINVAL.
            var on = arena.allocateFrom(ValueLayout.JAVA_INT, 1);
            assertThat(libc.setsockopt(socket.fd(), Libc.SOL_SOCKET, SO_NO_CHECK, on.address(), Integer.BYTES))
                    .isZero();
            var output = new NativeOutput(libc, tally, new ErrorQueue(libc, tally, arena), true, arena);
            var block = block(arena);
            var to = new NativeDestination(
                    new InetSocketAddress(LOOPBACK, peer.port()), socket, LOOPBACK, output, block);

            assertThat(to.takesSegments(SIZE)).isTrue();
            to.send(run(block, 10));
            output.flush();
            assertThat(to.takesSegments(SIZE)).isFalse();
            assertThat(to.takesSegments(SIZE - 1)).isTrue();
            to.send(run(block, 10));
            output.flush();
            tally.flush();

            for (int i = 0; i < 20; i++) {
                assertThat(peer.receive()).hasSize(SIZE).containsOnly(i % 10);
            }
            assertThat(context.counters().get(Counter.WRITES)).isEqualTo(20);
            assertThat(context.counters().get(Counter.BYTES_OUT)).isEqualTo(20 * SIZE);
            assertThat(context.counters().get(Reason.SEND_FAILED)).isZero();
            socket.close();
        }
    }

    private static Block block(Arena arena) {
        var memory = arena.allocate(10 * SIZE);
        for (int i = 0; i < 10; i++) {
            memory.asSlice((long) i * SIZE, SIZE).fill((byte) i);
        }
        return Block.borrowed(memory.asByteBuffer());
    }

    private static Batch run(Block block, int count) {
        var batch = new Batch(block);
        for (int i = 0; i < count; i++) {
            batch.add(i * SIZE, SIZE);
        }
        return batch;
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::"})
    void anErrorOfOneMembersDatagramCostsTheOthersNothing(String host) throws IOException {
        UdpEndpointTest.assumeIpv6();
        var settings = TestServer.settings(IoPath.NATIVE).set("host-address", host);
        int gone;
        try (var server = TestServer.start(settings);
                var a = new TestPeer(server.address(), own(host));
                var sender = new TestPeer(server.address(), own(host))) {
            try (var other = new TestPeer(server.address(), own(host))) {
                gone = other.port();
                other.register();
                server.awaitMembers(1);
            }
            assertThat(gone).isPositive();
            a.register();
            server.awaitMembers(2);
            for (int i = 0; i < 500; i++) {
                sender.send("" + i);
                if (i % 10 == 9) {
                    for (int n = i - 9; n <= i; n++) {
                        assertThat(a.receiveText()).isEqualTo("" + n);
                    }
                }
            }
            TestServer.await(() -> server.count(Reason.UNREACHABLE) > 0, "an ICMP error");
            assertThat(server.count(Reason.SEND_FAILED)).isZero();
        }
    }

    private static InetAddress own(String host) {
        return host.equals("::") ? LOOPBACK : InetAddress.ofLiteral(host);
    }

    @Test
    void whatTheKernelDroppedIsCounted() throws IOException {
        context.settings().set("receive-buffer", 4096);
        var sockets = bind();
        try (var peer = new TestPeer(sockets.localAddresses().getFirst())) {
            int count = 500;
            for (int i = 0; i < count; i++) {
                peer.send("flood");
            }
            int got = receiveAll(sockets);
            assertThat(got).isLessThan(count);
            // The next datagram that finds room reports the drops before it.
            peer.send("last");
            sockets.await(-1);
            assertThat(receiveAll(sockets)).isEqualTo(1);
            assertThat(context.counters().get(Reason.RECEIVE_OVERFLOW)).isEqualTo(count - got);
        } finally {
            sockets.close();
        }
    }

    private static int receiveAll(NativeSockets sockets) {
        int all = 0;
        int more;
        do {
            sockets.intake().clear();
            sockets.receive(0);
            more = sockets.intake().count();
            all += more;
        } while (more > 0);
        return all;
    }

    @Test
    void memoryAndDescriptorsAreFreedOnStop() throws IOException {
        var first = bind();
        first.close();
        assertThatThrownBy(() -> first.intake().memory().get(0)).isInstanceOf(IllegalStateException.class);
        // Must not touch memory that is gone.
        first.wakeup();

        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            bind().close();
        }
        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void aStartThatFailsFreesWhatItHad() throws IOException {
        bind().close();
        try (var taken = new DatagramSocket(new InetSocketAddress(LOOPBACK, 0))) {
            context.settings().set("port", taken.getLocalPort());
            long before = descriptors();
            for (int i = 0; i < 10; i++) {
                assertThatThrownBy(this::bind).hasMessageContaining("in use");
            }
            assertThat(descriptors()).isEqualTo(before);
        }
    }

    private static long descriptors() throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "255.1.2.3", "2001:db8::1", "fe80::1%1"})
    void addressesSurviveTheWayThroughTheKernelsForm(String text) {
        var address = new InetSocketAddress(InetAddress.ofLiteral(text), 0xfedc);
        var known = new AddressCache();
        for (boolean six : new boolean[] {true, false}) {
            if (six || address.getAddress().getAddress().length == 4) {
                var memory = MemorySegment.ofArray(NativeAddress.encode(address, six));
                assertThat(NativeAddress.decode(memory, 0)).isEqualTo(address);
                assertThat(known.decode(memory, 0)).isEqualTo(address).isSameAs(known.decode(memory, 0));
            }
        }
    }

    @Test
    void moreSendersThanAreRememberedAreToldApart() {
        var known = new AddressCache();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 5000; i++) {
                var ip = ByteBuffer.allocate(4).putInt(0x0a00_0000 + i / 3).array();
                var address = new InetSocketAddress(TestPeer.address(ip), 1 + i);
                var memory = MemorySegment.ofArray(NativeAddress.encode(address, i % 2 == 0));
                assertThat(known.decode(memory, 0)).isEqualTo(address);
            }
        }
    }
}
