package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.transport.udp.io.BoundAddresses;
import dev.socketforwarder.transport.udp.io.Destination;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Link;
import dev.socketforwarder.transport.udp.io.Multicast;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * The sockets of one endpoint's thread through Linux system calls for many datagrams at once. One arena holds all
 * native memory.
 */
public final class NativeSockets implements Sockets, BoundAddresses.Kind<NativeSocket> {
    private static final Logger LOG = System.getLogger(NativeSockets.class.getName());
    private static final int RETRY_MS = 100;
    // A receive may meet this many pending errors; further errors are the receive's own.
    private static final int ATTEMPTS = 4;

    private static final long POLL_FD = CStructs.offset(CStructs.POLLFD, "fd");
    private static final long POLL_EVENTS = CStructs.offset(CStructs.POLLFD, "events");
    private static final long POLL_RESULT = CStructs.offset(CStructs.POLLFD, "revents");

    private final String endpoint;
    private final UdpSettings settings;
    private final Tally tally;
    private final Arena arena;
    private final Libc libc;
    private final MemorySegment scratch;
    private final List<NativeSocket> sockets;
    private final List<InetSocketAddress> localAddresses;
    private final ErrorQueue errors;
    private final NativeOutput output;
    private final NativeInput input;
    private final MemorySegment pollEntries;
    private final boolean[] readable;
    private final boolean[] failing;
    private final Wakeup wakeup;
    private final Multicast multicast;

    private NativeSockets(
            TransportContext context,
            UdpSettings settings,
            boolean segments,
            Tally tally,
            List<InetSocketAddress> beside,
            Arena arena)
            throws IOException {
        this.endpoint = context.name();
        this.settings = settings;
        this.tally = tally;
        this.arena = arena;
        libc = new Libc(arena);
        scratch = arena.allocate(NativeSocket.SCRATCH, Long.BYTES);
        wakeup = new Wakeup(arena);
        errors = new ErrorQueue(libc, tally, arena);
        output = new NativeOutput(libc, tally, errors, segments, arena);
        input = new NativeInput(libc, settings.maxDatagram(), arena);
        try {
            sockets = beside.isEmpty()
                    ? BoundAddresses.bind(context, settings, this)
                    : BoundAddresses.bindBeside(beside, this);
        } catch (IOException | RuntimeException e) {
            wakeup.close();
            throw e;
        }
        if (settings.sockets() > 1) {
            // Shared only now, so that a port shared by another process is noticed.
            sockets.forEach(socket -> socket.share(scratch));
        }
        multicast = new Multicast(endpoint, settings.multicast(), sockets);
        localAddresses = sockets.stream().map(NativeSocket::local).toList();
        readable = new boolean[sockets.size()];
        failing = new boolean[sockets.size()];
        pollEntries = arena.allocate(CStructs.POLLFD, sockets.size() + 1L);
        for (int i = 0; i <= sockets.size(); i++) {
            int fd = i < sockets.size() ? sockets.get(i).fd() : wakeup.fd();
            pollEntries.set(ValueLayout.JAVA_INT, entry(i) + POLL_FD, fd);
            listen(i, true);
        }
    }

    /**
     * Bind all addresses of an endpoint, or none.
     *
     * @param segments whether the kernel cuts messages into segments
     * @param beside the addresses of other sockets of the endpoint that are already bound; empty if there are none
     * @throws IOException if an address cannot be bound; the message is for the user
     */
    public static NativeSockets bind(
            TransportContext context,
            UdpSettings settings,
            boolean segments,
            Tally tally,
            List<InetSocketAddress> beside)
            throws IOException {
        var arena = Arena.ofShared();
        try {
            var all = new NativeSockets(context, settings, segments, tally, beside, arena);
            if (beside.isEmpty()) {
                BoundAddresses.warnOfSmallBuffers(
                        context.name(),
                        settings.buffers(),
                        all.sockets.getFirst().granted());
            }
            return all;
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    @Override
    public NativeSocket bind(InetSocketAddress address, boolean shares) throws IOException {
        return NativeSocket.bind(libc, endpoint, address, settings.buffers(), shares);
    }

    @Override
    public NativeSocket adopt(InheritedSocket inherited) throws IOException {
        return NativeSocket.adopt(libc, inherited, settings.buffers());
    }

    @Override
    public int port(NativeSocket socket) {
        return socket.local().getPort();
    }

    @Override
    public void close(NativeSocket socket) {
        socket.close();
    }

    private static long entry(int i) {
        return i * CStructs.POLLFD.byteSize();
    }

    private void listen(int i, boolean on) {
        pollEntries.set(ValueLayout.JAVA_SHORT, entry(i) + POLL_EVENTS, on ? Libc.POLLIN : 0);
    }

    private short result(int i) {
        return pollEntries.get(ValueLayout.JAVA_SHORT, entry(i) + POLL_RESULT);
    }

    @Override
    public List<InetSocketAddress> localAddresses() {
        return localAddresses;
    }

    @Override
    public boolean needsInterfaces() {
        return settings.multicast().needsInterfaces();
    }

    @Override
    public boolean follow(List<Link> now) {
        return multicast.follow(now);
    }

    @Override
    public boolean sendsToGroups() {
        return multicast.sends();
    }

    @Override
    public void await(int limitMs) throws IOException {
        boolean retry = false;
        for (boolean each : failing) {
            retry |= each;
        }
        int waitMs = retry && (limitMs < 0 || limitMs > RETRY_MS) ? RETRY_MS : limitMs;
        int ready = libc.poll(pollEntries.address(), readable.length + 1, waitMs);
        if (ready < 0 && libc.errno() != Libc.EINTR) {
            throw new IOException("poll: " + libc.error());
        }
        for (int i = 0; i < readable.length; i++) {
            short result = ready > 0 ? result(i) : 0;
            readable[i] = failing[i] || (result & Libc.POLLIN) != 0;
            if ((result & Libc.POLLERR) != 0) {
                errors.drain(sockets.get(i));
                // The error would remain if the kernel had no memory for a queue entry, and then poll would not wait.
                sockets.get(i).clearError(scratch);
            }
        }
        if (ready > 0 && result(readable.length) != 0) {
            wakeup.consume(libc);
        }
        output.newTurn();
    }

    @Override
    public void wakeup() {
        wakeup.wake();
    }

    @Override
    public boolean isReadable(int socket) {
        return readable[socket];
    }

    @Override
    public boolean seesHops() {
        return true;
    }

    @Override
    public Intake intake() {
        return input.intake();
    }

    @Override
    public void receive(int i) {
        var socket = sockets.get(i);
        int errno = input.receive(socket);
        for (int attempt = 1; isFailure(errno) && attempt < ATTEMPTS; attempt++) {
            errors.drain(socket);
            errno = input.receive(socket);
        }
        long dropped = input.dropped() < 0 ? 0 : socket.newlyDropped(input.dropped());
        if (dropped > 0) {
            tally.kernel().overflowed(dropped);
        }
        if (isFailure(errno) != failing[i]) {
            failing[i] = !failing[i];
            // A socket that keeps failing at once must not make the loop spin.
            listen(i, !failing[i]);
            if (failing[i]) {
                var why = libc.describe(errno);
                LOG.log(Level.WARNING, "Receiving on {0} fails, and is tried again: {1}", socket.local(), why);
            }
        }
    }

    private static boolean isFailure(int errno) {
        return errno != 0 && errno != Libc.EAGAIN && errno != Libc.EINTR;
    }

    @Override
    public Destination destination(int socket, InetAddress from, InetSocketAddress address) {
        return new NativeDestination(
                address, sockets.get(socket), from, output, input.intake().block());
    }

    @Override
    public void flush() {
        output.flush();
    }

    @Override
    public void stopReceiving() {
        for (int i = 0; i < readable.length; i++) {
            listen(i, false);
            readable[i] = false;
            failing[i] = false;
        }
    }

    @Override
    public void close() {
        sockets.forEach(NativeSocket::close);
        wakeup.close();
        arena.close();
    }
}
