package dev.socketforwarder.transport.udp.linux;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Sends datagrams to all members at once by one sendmmsg. A run of datagrams of one size, of which the last may be
 * shorter, is one segmented message per member. Confined to one thread.
 *
 * <p>Vectors and runs belong to the datagrams and are written once for all members. A message belongs to a member and
 * is written once per run.
 */
final class NativeOutput {
    static final int DATAGRAMS = Intake.MAX_DATAGRAMS;

    private static final int MESSAGES = 1024;
    // The kernel's own limit, UDP_MAX_SEGMENTS.
    private static final int MAX_SEGMENTS = 64;

    private final SendCalls libc;
    private final NativeSend send;
    private final boolean segments;
    private final Messages messages;
    private final Vectors vectors;

    // The datagrams of this turn as vectors, and the runs that they form.
    private int datagrams;
    private int runs;
    private final int[] runStart = new int[DATAGRAMS];
    private final int[] runCount = new int[DATAGRAMS];
    private final int[] runBytes = new int[DATAGRAMS];
    private final int[] runSegment = new int[DATAGRAMS];

    // The batch written last, which goes to one member after the other.
    private Block block;
    // The block whose memory address is known. Kept over turns, since asking allocates and the intake's block stays the
    // same.
    private Block addressed;
    private long memory;
    /** Whether the last block is not the intake's, and so may be gone after the turn. */
    private boolean lent;

    private int batchOffset = -1;
    private int batchCount;
    private int batchFirstRun;

    private int pending;
    private final NativeDestination[] destinations = new NativeDestination[MESSAGES];
    private final int[] hopLimits = new int[MESSAGES];

    /**
     * Make an output that has nothing to send.
     *
     * @param segments whether the kernel cuts messages into segments
     */
    NativeOutput(SendCalls libc, Tally tally, ErrorQueue errors, boolean segments, Arena arena) {
        this.libc = libc;
        this.segments = segments;
        messages = new Messages(MESSAGES, ControlMessages.ROOM_OUT, arena);
        vectors = new Vectors(DATAGRAMS, arena);
        send = new NativeSend(libc, tally, errors, vectors, arena);
    }

    void newTurn() {
        send.newTurn();
    }

    /** Queue the batch of this turn's intake for a member. */
    void add(NativeDestination to, Batch batch, int hops) {
        if (batch.block() != block || batch.offset(0) != batchOffset || batch.count() != batchCount) {
            write(batch, 0, batch.count());
        }
        addRuns(to, batchFirstRun, hops);
    }

    /** Send a batch whose bytes are valid only during this call. */
    void sendNow(NativeDestination to, Batch batch, int hops) {
        sendAll();
        for (int from = 0; from < batch.count(); from += DATAGRAMS) {
            write(batch, from, Math.min(batch.count(), from + DATAGRAMS));
            addRuns(to, batchFirstRun, hops);
            sendAll();
        }
        lent = true;
    }

    /** Send all that is queued, and forget this turn's datagrams. */
    void flush() {
        sendAll();
        if (lent) {
            addressed = null;
            lent = false;
        }
    }

    private void sendAll() {
        try {
            sendPending();
        } finally {
            // Even after an exception, this turn's datagrams must not go out with the next.
            pending = 0;
            datagrams = 0;
            runs = 0;
            block = null;
            batchOffset = -1;
        }
    }

    private void write(Batch batch, int from, int to) {
        block = batch.block();
        if (block != addressed) {
            addressed = block;
            memory = MemorySegment.ofBuffer(block.bytes().duplicate().clear()).address();
        }
        batchOffset = batch.offset(0);
        batchCount = batch.count();
        batchFirstRun = runs;
        boolean open = false;
        for (int i = from; i < to; i++) {
            int length = batch.length(i);
            vectors.set(datagrams, memory + batch.offset(i), length);
            if (open && fits(runs - 1, length)) {
                runCount[runs - 1]++;
                runBytes[runs - 1] += length;
            } else {
                begin(length);
            }
            // A shorter datagram ends its run.
            open = segments && length > 0 && length == runSegment[runs - 1];
            datagrams++;
        }
    }

    private void begin(int length) {
        runStart[runs] = datagrams;
        runCount[runs] = 1;
        runBytes[runs] = length;
        runSegment[runs] = length;
        runs++;
    }

    private boolean fits(int run, int length) {
        return length > 0
                && length <= runSegment[run]
                && runCount[run] < MAX_SEGMENTS
                && runBytes[run] + length <= UdpSettings.LARGEST_DATAGRAM;
    }

    private void addRuns(NativeDestination to, int firstRun, int hops) {
        for (int run = firstRun; run < runs; run++) {
            if (runCount[run] == 1) {
                add(to, runStart[run], 1, 0, hops);
            } else if (to.takesSegments(runSegment[run])) {
                add(to, runStart[run], runCount[run], runSegment[run], hops);
            } else {
                for (int i = 0; i < runCount[run]; i++) {
                    add(to, runStart[run] + i, 1, 0, hops);
                }
            }
        }
    }

    private void add(NativeDestination to, int firstVector, int count, int segment, int hops) {
        if (pending == MESSAGES) {
            sendPending();
        }
        int i = pending++;
        destinations[i] = to;
        hopLimits[i] = hops;
        to.address(messages, i, segment, hops);
        messages.vectors(i, vectors.address(firstVector), count);
    }

    private void sendPending() {
        int at = 0;
        int attempts = 0;
        while (at < pending) {
            var socket = destinations[at].socket();
            int end = at + 1;
            while (end < pending && destinations[end].socket() == socket) {
                end++;
            }
            int cut = 0;
            while (at < end) {
                int sent = libc.sendmmsg(socket.fd(), messages.address(at), end - at);
                if (sent > 0) {
                    send.sent(messages, at, at + sent);
                    at += sent;
                    attempts = 0;
                    // The next message met an error, which the call does not report because it sent some.
                    if (at < end && ++cut % ErrorQueue.COUNT == 0) {
                        send.drainErrors(socket);
                    }
                } else if (send.isSettled(messages, at, destinations[at], hopLimits[at], ++attempts)) {
                    at++;
                    attempts = 0;
                }
            }
            if (cut % ErrorQueue.COUNT > 0) {
                send.drainErrors(socket);
            }
        }
        pending = 0;
    }
}
