package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Tally;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/** What becomes of messages that sendmmsg has sent or refused. One thread's. */
final class NativeSend {
    // All waits of one turn for room in send buffers, since meanwhile nothing is received.
    private static final long WAIT_MS = 20;
    // An error may have been pending from another member's datagram, and while that is taken out the next may come.
    private static final int ATTEMPTS = 4;
    private static final int MAX_INTERRUPTIONS = 100;

    private static final long POLL_FD = CStructs.offset(CStructs.POLLFD, "fd");
    private static final long POLL_EVENTS = CStructs.offset(CStructs.POLLFD, "events");

    private final SendCalls libc;
    private final Tally tally;
    private final ErrorQueue errors;
    private final Vectors vectors;
    private final Messages single;
    private final MemorySegment pollEntry;
    private long leftNs;

    NativeSend(SendCalls libc, Tally tally, ErrorQueue errors, Vectors vectors, Arena arena) {
        this.libc = libc;
        this.tally = tally;
        this.errors = errors;
        this.vectors = vectors;
        single = new Messages(1, ControlMessages.ROOM_OUT, arena);
        pollEntry = arena.allocate(CStructs.POLLFD);
    }

    /** Begin a turn: there is time to wait again. */
    void newTurn() {
        leftNs = TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
    }

    /** Count the messages from {@code from} to {@code end}, which were sent. */
    void sent(Messages messages, int from, int end) {
        long datagrams = 0;
        long bytes = 0;
        for (int i = from; i < end; i++) {
            datagrams += messages.vectorCount(i);
            bytes += messages.length(i);
        }
        tally.sent(datagrams, bytes);
    }

    /** Take errors out of a socket's queue, which share its receive buffer: many of them would keep datagrams out. */
    void drainErrors(NativeSocket socket) {
        errors.drain(socket);
    }

    /**
     * {@return whether message {@code i}, which was refused, is done with: sent otherwise, or reported; else it should be
     * sent again}
     *
     * @param hops its hop limit
     * @param attempts how often it was refused, this time included
     */
    boolean isSettled(Messages messages, int i, NativeDestination to, int hops, int attempts) {
        int errno = libc.errno();
        int count = messages.vectorCount(i);
        if (errno == Libc.EINTR && attempts < MAX_INTERRUPTIONS) {
            return false;
        }
        // None there: the call failed for its own sake, since the queue has whatever may have been pending. But no send
        // of ours can be refused by itself, and where the receive buffer is full, the queue takes no errors.
        boolean pending = errors.drain(to.socket()) > 0 || errno == Libc.ECONNREFUSED;
        boolean others = pending && attempts < ATTEMPTS && mayBeOthers(errno);
        if (others || errno == Libc.EAGAIN && awaitRoom(to.socket())) {
            return false;
        }
        if (count > 1 && refusesSegments(errno)) {
            sendSingly(messages.vectors(i), count, to, hops, errno);
            return true;
        }
        var why = errno == Libc.EAGAIN ? "the socket's send buffer is full" : libc.describe(errno);
        for (int k = 0; k < count; k++) {
            tally.sendFailed(to.address(), why);
        }
        return true;
    }

    /** {@return whether it may have been an earlier datagram's error; those left out are this one's for sure} */
    private static boolean mayBeOthers(int errno) {
        return switch (errno) {
            case Libc.EAGAIN, Libc.EINTR, Libc.EINVAL, Libc.EPERM, Libc.ENOBUFS -> false;
            default -> true;
        };
    }

    private static boolean refusesSegments(int errno) {
        return switch (errno) {
            case Libc.EINVAL, Libc.EIO, Libc.EOPNOTSUPP, Libc.EMSGSIZE -> true;
            default -> false;
        };
    }

    private void sendSingly(long firstVector, int count, NativeDestination to, int hops, int errno) {
        int sent = 0;
        for (int k = 0; k < count; k++) {
            to.address(single, 0, 0, hops);
            single.vectors(0, firstVector + k * Vectors.SIZE, 1);
            sent += sendOne(to) ? 1 : 0;
        }
        if (sent > 0) {
            // So it was the segments. Too large for the path's MTU (EINVAL says that too, in older kernels): smaller
            // ones may pass; else there are none on this path.
            boolean size = errno == Libc.EMSGSIZE || errno == Libc.EINVAL;
            to.refusedSegments(size ? vectors.lengthAt(firstVector) : 0);
        }
    }

    private boolean sendOne(NativeDestination to) {
        for (int attempts = 1; libc.sendmmsg(to.socket().fd(), single.address(0), 1) != 1; attempts++) {
            if (isSettled(single, 0, to, Hops.NONE, attempts)) {
                return false;
            }
        }
        sent(single, 0, 1);
        return true;
    }

    private boolean awaitRoom(NativeSocket socket) {
        if (leftNs <= 0) {
            return false;
        }
        pollEntry.set(ValueLayout.JAVA_INT, POLL_FD, socket.fd());
        pollEntry.set(ValueLayout.JAVA_SHORT, POLL_EVENTS, Libc.POLLOUT);
        long startNs = System.nanoTime();
        // Rounded up: 0 would be not to wait at all.
        int ready = libc.poll(pollEntry.address(), 1, (int) TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
        leftNs -= System.nanoTime() - startNs;
        return ready > 0;
    }
}
