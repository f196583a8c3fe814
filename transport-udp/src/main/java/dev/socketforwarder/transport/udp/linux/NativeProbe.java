package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.transport.udp.settings.UdpSettings.Buffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;

/** Tests whether the native path works here, with a socket that sends datagrams to itself on the loopback interface. */
public final class NativeProbe {
    // Processors known to share one structure layout and one calling convention; see CStructs and Libc.
    private static final Set<String> PROCESSORS = Set.of("amd64", "x86_64", "aarch64");
    private static final InetSocketAddress SELF = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    private static final int WAIT_MS = 500;
    private static final int SIZE = 8;
    private static final Buffers ROOM = new Buffers(1 << 16, 1 << 16);

    /**
     * The result of the test.
     *
     * @param works whether the path can be used
     * @param segments whether the kernel cuts a message into segments
     * @param why why it does not work, for the user; empty if it does
     */
    public record Result(boolean works, boolean segments, String why) {

        private static Result fails(String why) {
            return new Result(false, false, why);
        }
    }

    private NativeProbe() {}

    public static Result run() {
        var system = System.getProperty("os.name");
        var processor = System.getProperty("os.arch");
        if (!system.equals("Linux") || !PROCESSORS.contains(processor)) {
            return Result.fails("this is " + system + " on " + processor + ", not Linux on amd64 or aarch64");
        }
        if (!NativeProbe.class.getModule().isNativeAccessEnabled()) {
            return Result.fails("Java was started without --enable-native-access=dev.socketforwarder.transport.udp");
        }
        try (var arena = Arena.ofConfined()) {
            return new Result(true, new Trial(arena).run(), "");
        } catch (IOException e) {
            return Result.fails(e.getMessage());
        } catch (LinkageError | IllegalCallerException | UnsupportedOperationException e) {
            return Result.fails("the C library cannot be called: " + e);
        }
    }

    /** A trial with one socket that sends to itself. */
    private static final class Trial {
        private final Arena arena;
        private final Libc libc;
        private final MemorySegment memory;
        private final Vectors vectors;
        private final Messages messages;

        Trial(Arena arena) {
            this.arena = arena;
            libc = new Libc(arena);
            memory = arena.allocate(4 * SIZE, Long.BYTES);
            vectors = new Vectors(4, arena);
            messages = new Messages(2, ControlMessages.ROOM_OUT, arena);
        }

        /** {@return whether segments work; throws if anything else does not} */
        boolean run() throws IOException {
            var socket = NativeSocket.bind(libc, "the probe", SELF, ROOM, false);
            try {
                send(socket, 0);
                receive(socket);
                try {
                    send(socket, SIZE);
                    receive(socket);
                    return true;
                } catch (IOException _) {
                    return false;
                }
            } finally {
                socket.close();
            }
        }

        /** Send two datagrams, as two messages or as segments of one. */
        private void send(NativeSocket socket, int segment) throws IOException {
            int count = segment > 0 ? 1 : 2;
            var name = NativeAddress.encode(socket.local(), false);
            for (int i = 0; i < 2; i++) {
                memory.set(ValueLayout.JAVA_LONG, (long) i * SIZE, marker(i));
                vectors.set(i, memory.address() + (long) i * SIZE, SIZE);
                messages.name(i, name, NativeAddress.length(false));
                messages.source(i, ControlMessages.source(socket.local().getAddress(), false), segment);
                messages.vectors(i, vectors.address(i), 2 / count);
            }
            int sent = libc.sendmmsg(socket.fd(), messages.address(0), count);
            if (sent != count) {
                throw new IOException("sendmmsg: " + (sent < 0 ? libc.error() : "took " + sent + " of " + count));
            }
        }

        private void receive(NativeSocket socket) throws IOException {
            for (int i = 0; i < 2; i++) {
                vectors.set(i, memory.address() + (2L + i) * SIZE, SIZE);
                messages.vectors(i, vectors.address(i), 1);
            }
            for (int got = 0; got < 2; ) {
                await(socket);
                messages.offerRoom(0);
                messages.offerRoom(1);
                int count = libc.recvmmsg(socket.fd(), messages.address(got), 2 - got);
                if (count < 0 && libc.errno() != Libc.EAGAIN && libc.errno() != Libc.EINTR) {
                    throw new IOException("recvmmsg: " + libc.error());
                }
                for (int i = got; i < got + count; i++) {
                    check(socket, i);
                }
                got += Math.max(0, count);
            }
        }

        private void await(NativeSocket socket) throws IOException {
            var entry = arena.allocate(CStructs.POLLFD);
            entry.set(ValueLayout.JAVA_INT, CStructs.offset(CStructs.POLLFD, "fd"), socket.fd());
            entry.set(ValueLayout.JAVA_SHORT, CStructs.offset(CStructs.POLLFD, "events"), Libc.POLLIN);
            if (libc.poll(entry.address(), 1, WAIT_MS) == 0) {
                throw new IOException("a datagram to 127.0.0.1 did not arrive");
            }
        }

        private void check(NativeSocket socket, int i) throws IOException {
            var source = NativeAddress.decode(messages.names(), Messages.nameAt(i));
            long got = memory.get(ValueLayout.JAVA_LONG, (2L + i) * SIZE);
            if (messages.length(i) != SIZE || got != marker(i) || !source.equals(socket.local())) {
                throw new IOException("recvmmsg returned something other than was sent");
            }
        }

        private static long marker(int i) {
            return 0x5f0c_4e70_0000_0000L + i;
        }
    }
}
