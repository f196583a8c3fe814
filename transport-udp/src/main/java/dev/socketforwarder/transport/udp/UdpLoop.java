package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.TaskQueue;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread of an endpoint: owner of its sockets and registrations.
 *
 * <p>A turn runs tasks of other threads, waits for input, and then for each readable socket receives up to {@value
 * Intake#MAX_DATAGRAMS} datagrams, publishes them, and flushes what was sent to the members. Before it ends registrations
 * whose time is over it polls again and forwards all that the kernel holds, which may refresh them: after a pause of the process
 * that is a great deal.
 */
final class UdpLoop implements Runnable {
    private static final Logger LOG = System.getLogger(UdpLoop.class.getName());
    private static final int TASKS_PER_TURN = 256;
    private static final long LONGEST_CATCH_UP_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_AFTER_FAILURE_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Sockets sockets;
    private final TaskQueue tasks;
    private final Forwarding forwarding;
    private final Registrations registrations;
    private final TurnClock clock;
    private final Tally tally;
    private final long held;
    private final int socketCount;
    private boolean ended;
    private boolean awaitsTurn;

    /**
     * Make one.
     *
     * @param held the most bytes that the kernel can hold for one socket: what comes after these came later
     */
    UdpLoop(
            Sockets sockets,
            TaskQueue tasks,
            Forwarding forwarding,
            Registrations registrations,
            TurnClock clock,
            Tally tally,
            long held) {
        this.sockets = sockets;
        this.tasks = tasks;
        this.forwarding = forwarding;
        this.registrations = registrations;
        this.clock = clock;
        this.tally = tally;
        this.held = held;
        this.socketCount = sockets.localAddresses().size();
    }

    @Override
    public void run() {
        try {
            while (!ended) {
                try {
                    turn();
                } catch (IOException | RuntimeException e) {
                    LOG.log(Level.WARNING, "A turn of " + Thread.currentThread().getName() + " failed", e);
                    LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NS);
                }
            }
        } finally {
            sockets.close();
        }
    }

    private void turn() throws IOException {
        tasks.drain(TASKS_PER_TURN);
        sockets.flush();
        tally.flush();
        if (ended || awaitsTurn) {
            return;
        }
        sockets.await(registrations.waitMs());
        clock.tick();
        for (int i = 0; i < socketCount; i++) {
            if (sockets.isReadable(i)) {
                forward(i);
            }
        }
        if (registrations.areDue()) {
            endExpired();
        }
    }

    private void endExpired() throws IOException {
        long dueNs = clock.nowNs();
        long bytes = 0;
        long more;
        do {
            sockets.await(0); // each has a turn's time to wait for those who take nothing
            clock.tick();
            more = 0;
            for (int i = 0; i < socketCount; i++) {
                more += Math.max(0, forward(i));
            }
            bytes += more;
        } while (more > 0 && bytes < held * socketCount && clock.nowNs() - dueNs < LONGEST_CATCH_UP_NS);
        registrations.endExpired(dueNs);
    }

    /** {@return how many bytes came, or -1 if nothing did} */
    private long forward(int socket) {
        var intake = forwarding.intake();
        intake.clear();
        sockets.receive(socket);
        if (intake.count() == 0) {
            return -1;
        }
        forwarding.handle(socket);
        sockets.flush();
        tally.flush();
        return intake.bytes();
    }

    /** Run tasks only, until {@link #takeTurn}, which is one of them already. A task. */
    void awaitTurn() {
        awaitsTurn = true;
    }

    /** Forward what the kernel holds, within these bounds, and go on as always. A task. */
    void takeTurn(Duration limit) {
        awaitsTurn = false;
        forwardHeld(limit);
    }

    /**
     * Forward what the kernel holds, then receive nothing more. A task.
     *
     * @param limit the longest that this may take
     */
    void drainKernel(Duration limit) {
        forwardHeld(limit);
        sockets.stopReceiving();
    }

    private void forwardHeld(Duration limit) {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < socketCount; i++) {
            long bytes = 0;
            long more = 0;
            while (more >= 0 && bytes < held && System.nanoTime() < deadlineNs) {
                clock.tick();
                more = forward(i);
                bytes += more;
            }
        }
    }

    /** End the thread after this turn. A task. */
    void end() {
        ended = true;
    }
}
