package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.transport.udp.io.Hops;
import dev.socketforwarder.transport.udp.io.Tally;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;

/** Handles the messages that sendmmsg has sent or refused. Confined to one thread. */
final class NativeSend {
    // Bounds all waits of one turn for room in send buffers, since nothing is received meanwhile.
    private static final long WAIT_MS = 20;
    // An error may have been pending from another member's datagram, and another error may arrive while the first is
    // drained.
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

    /** Begin a turn with a fresh allowance of waiting time. */
    void newTurn() {
        leftNs = TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
    }

    /** Count the messages from {@code from} to {@code end} as sent. */
    void sent(Messages messages, int from, int end) {
        long datagrams = 0;
        long bytes = 0;
        for (int i = from; i < end; i++) {
            datagrams += messages.vectorCount(i);
            bytes += messages.length(i);
        }
        tally.sent(datagrams, bytes);
    }

    /** Drain a socket's errors, which share its receive buffer and would keep datagrams out. */
    void drainErrors(NativeSocket socket) {
        errors.drain(socket);
    }

    /**
     * {@return whether the refused message {@code i} is done, sent in another way or reported; otherwise it must be
     * sent again}
     *
     * @param hops its hop limit
     * @param attempts how often it was refused, including this time
     */
    boolean isSettled(Messages messages, int i, NativeDestination to, int hops, int attempts) {
        int errno = libc.errno();
        int count = messages.vectorCount(i);
        if (errno == Libc.EINTR && attempts < MAX_INTERRUPTIONS) {
            return false;
        }
        // If the queue is empty, the error was not pending, and belongs to this message. ECONNREFUSED is never a
        // message's own error; a full receive buffer just leaves no room for queue entries.
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

    /**
     * {@return whether the error may belong to an earlier datagram; the errors excluded here certainly belong to this
     * one}
     */
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
            // The segments were the problem. If they exceed the path's MTU (older kernels then say EINVAL), smaller
            // ones may pass. Otherwise this path has no segments.
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
        // Rounded up, since 0 would not wait at all.
        int ready = libc.poll(pollEntry.address(), 1, (int) TimeUnit.NANOSECONDS.toMillis(leftNs) + 1);
        leftNs -= System.nanoTime() - startNs;
        return ready > 0;
    }
}
