package dev.socketforwarder.transport.udp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests answers to sending that kernels may give but seldom do. */
@EnabledOnOs(
        value = OS.LINUX,
        architectures = {"amd64", "aarch64"})
@Timeout(60)
class NativeSendTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int ENETUNREACH = 101;
    private static final int COUNT = 10;
    private static final int SIZE = 100;

    private final TestContext context = new TestContext("udp", TestServer.settings(IoPath.NATIVE), TestServer.groups());
    private final Tally tally = new Tally(context);
    private final Arena arena = Arena.ofConfined();
    private final Libc libc = new Libc(arena);
    private final FaultyKernel kernel = new FaultyKernel(libc);
    private final Block block = block(arena);
    private NativeSocket socket;
    private NativeOutput output;
    private TestPeer a;
    private TestPeer b;
    private NativeDestination toA;
    private NativeDestination toB;

    /** Sends one message after the other, and refuses some. */
    private static final class FaultyKernel implements SendCalls {
        private static final long CONTROL_LENGTH = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_controllen");
        private static final long NAME = CStructs.offset(CStructs.MMSGHDR, "msg_hdr", "msg_name");

        private final Libc libc;
        private int errno;
        private int refusals;
        private boolean segmentsOnly;
        private IntPredicate port = _ -> false;

        FaultyKernel(Libc libc) {
            this.libc = libc;
        }

        /** Refuse this many messages to these ports. */
        void refuse(int error, int times, boolean onlySegments, IntPredicate ports) {
            errno = error;
            refusals = times;
            segmentsOnly = onlySegments;
            port = ports;
        }

        @Override
        public int sendmmsg(int fd, long headers, int count) {
            for (int i = 0; i < count; i++) {
                long header = headers + i * Messages.SIZE;
                if (isRefused(header)) {
                    refusals -= i == 0 ? 1 : 0;
                    return i == 0 ? -1 : i;
                }
                assertThat(libc.sendmmsg(fd, header, 1)).isEqualTo(1);
            }
            return count;
        }

        @SuppressWarnings("restricted")
        private boolean isRefused(long at) {
            var header = MemorySegment.ofAddress(at).reinterpret(Messages.SIZE);
            var name = MemorySegment.ofAddress(header.get(ValueLayout.JAVA_LONG, NAME))
                    .reinterpret(NativeAddress.ROOM);
            boolean segmented = header.get(ValueLayout.JAVA_LONG, CONTROL_LENGTH) > 0;
            return refusals > 0
                    && (segmented || !segmentsOnly)
                    && port.test(NativeAddress.decode(name, 0).getPort());
        }

        @Override
        public int errno() {
            return errno;
        }

        @Override
        public int poll(long fds, int count, int timeoutMs) {
            return libc.poll(fds, count, timeoutMs);
        }

        @Override
        public String describe(int error) {
            return libc.describe(error);
        }
    }

    @BeforeEach
    void open() throws IOException {
        socket = NativeSocket.bind(libc, "udp", new InetSocketAddress(LOOPBACK, 0), UdpSettings.Buffers.DEFAULT, false);
        output = new NativeOutput(kernel, tally, new ErrorQueue(libc, tally, arena), true, arena);
        a = new TestPeer(socket.local());
        b = new TestPeer(socket.local());
        toA = destination(a.port());
        toB = destination(b.port());
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        socket.close();
        arena.close();
    }

    private NativeDestination destination(int port) {
        return new NativeDestination(new InetSocketAddress(LOOPBACK, port), socket, LOOPBACK, output, block);
    }

    private static Block block(Arena arena) {
        var memory = arena.allocate(COUNT * SIZE);
        for (int i = 0; i < COUNT; i++) {
            memory.asSlice((long) i * SIZE, SIZE).fill((byte) i);
        }
        return Block.borrowed(memory.asByteBuffer());
    }

    /** Send a run, and a shorter one, between datagrams of other sizes. */
    private void sendToBoth() {
        var batch = new Batch(block, Batch.Form.MESSAGES);
        for (int i = 0; i < COUNT; i++) {
            batch.add(i * SIZE, i == 0 || i > 6 ? 7 : i == 6 ? SIZE - 1 : SIZE);
        }
        toA.send(batch);
        toB.send(batch);
        output.flush();
        tally.flush();
    }

    private static void receiveAll(TestPeer peer) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            var expected = i == 0 || i > 6 ? 7 : i == 6 ? SIZE - 1 : SIZE;
            assertThat(peer.receive()).hasSize(expected).containsOnly(i);
        }
    }

    @ParameterizedTest
    @CsvSource({Libc.EINVAL + ", true", Libc.EMSGSIZE + ", true", Libc.EIO + ", false", Libc.EOPNOTSUPP + ", false"})
    void refusedSegmentsAreSentSinglyAndNotTriedAgainForThatMember(int errno, boolean smallerOnesPass)
            throws IOException {
        kernel.refuse(errno, 1, true, port -> port == a.port());
        for (int times = 0; times < 3; times++) {
            sendToBoth();
            receiveAll(a);
            receiveAll(b);
        }
        assertThat(kernel.refusals).isZero();
        assertThat(toA.takesSegments(SIZE)).isFalse();
        assertThat(toA.takesSegments(SIZE - 1)).isEqualTo(smallerOnesPass);
        assertThat(toB.takesSegments(SIZE)).isTrue();
        assertThat(context.counters().get(Counter.WRITES)).isEqualTo(6 * COUNT);
        assertThat(context.counters().get(Reason.SEND_FAILED)).isZero();
    }

    @Test
    void whereNotEvenSingleOnesPassSegmentsAreNotToBlame() throws IOException {
        kernel.refuse(Libc.EMSGSIZE, Integer.MAX_VALUE, false, port -> port == a.port());
        sendToBoth();
        receiveAll(b);
        assertThat(context.counters().get(Reason.SEND_FAILED)).isEqualTo(COUNT);
        assertThat(toA.takesSegments(SIZE)).isTrue();

        kernel.refuse(0, 0, false, _ -> false);
        sendToBoth();
        receiveAll(a);
        receiveAll(b);
    }

    @ParameterizedTest
    @ValueSource(ints = {Libc.ENOBUFS, Libc.EPERM, ENETUNREACH})
    void anErrorOfOneSendCostsOnlyThatDatagramForThatMember(int errno) throws IOException {
        // The first datagram stands alone.
        kernel.refuse(errno, 1, false, port -> port == a.port());
        sendToBoth();
        receiveAll(b);
        for (int i = 1; i < COUNT; i++) {
            assertThat(a.receive()).containsOnly(i);
        }
        assertThat(context.counters().get(Reason.SEND_FAILED)).isEqualTo(1);
        assertThat(context.counters().get(Counter.WRITES)).isEqualTo(2 * COUNT - 1);
        assertThat(toA.takesSegments(SIZE)).isTrue();
    }

    @Test
    void anErrorThatWasPendingIsNotTheDatagrams() throws IOException {
        int nobody;
        try (var gone = new TestPeer(socket.local())) {
            nobody = gone.port();
        }
        destination(nobody).send(new Batch(block, Batch.Form.MESSAGES).add(0, SIZE));
        output.flush();
        // This machine answers it itself, so the answer is already in the error queue.
        kernel.refuse(Libc.ECONNREFUSED, 1, false, port -> port == a.port());
        sendToBoth();
        receiveAll(a);
        receiveAll(b);
        assertThat(context.counters().get(Reason.UNREACHABLE)).isEqualTo(1);
        assertThat(context.counters().get(Reason.SEND_FAILED)).isZero();
    }

    @Test
    void anErrorThatWasPendingIsNotTheDatagramsWhereTheQueueHadNoRoom() throws IOException {
        kernel.refuse(Libc.ECONNREFUSED, 2, false, port -> port == a.port());
        sendToBoth();
        receiveAll(a);
        receiveAll(b);
        assertThat(kernel.refusals).isZero();
        assertThat(context.counters().get(Reason.SEND_FAILED)).isZero();
    }
}
