package dev.socketforwarder.transport.udp;

import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.transport.udp.io.Intake;
import dev.socketforwarder.transport.udp.io.Sockets;
import dev.socketforwarder.transport.udp.io.Tally;
import dev.socketforwarder.transport.udp.members.Registrations;
import dev.socketforwarder.transport.udp.members.TurnClock;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The loop of one of the endpoint's threads, which owns its sockets and the registrations made on them.
 *
 * <p>A turn runs tasks of other threads and waits for input. For each readable socket it then receives up to {@value
 * Intake#MAX_DATAGRAMS} datagrams, publishes them, and flushes what the members get. Before the turn ends expired
 * registrations, it forwards everything that the kernel holds, since those datagrams may refresh registrations. After a
 * pause of the process, the kernel holds a great deal. The turn does the same before a change of rules, so that the
 * earlier rules decide on datagrams that came earlier.
 */
final class UdpLoop implements Runnable {
    private static final Logger LOG = System.getLogger(UdpLoop.class.getName());
    private static final int TASKS_PER_TURN = 256;
    private static final long LONGEST_CATCH_UP_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_AFTER_FAILURE_NS = TimeUnit.MILLISECONDS.toNanos(100);
    /** About ten seconds of failing turns, after which the thread gives up. */
    static final int MOST_FAILURES = 100;

    private final Sockets sockets;
    private final TaskQueue tasks;
    private final Registrations registrations;
    private final TurnClock clock;
    private final Tally tally;
    private final long held;
    private Forwarding forwarding;
    private Runnable change; // null if there is none
    private int failures;
    private boolean ended;
    private boolean awaitsTurn;

    /**
     * Make a loop, which runs once its thread starts.
     *
     * @param held the most bytes that the kernel can hold for one socket; bytes beyond these arrived later
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
    }

    @Override
    public void run() {
        try {
            while (!ended && failures < MOST_FAILURES) {
                try {
                    turn();
                    failures = 0;
                } catch (IOException | RuntimeException | Error e) {
                    Fatal.rethrow(e);
                    fail(e);
                }
            }
            if (!ended) {
                giveUp();
            }
        } finally {
            sockets.close();
        }
    }

    private void fail(Throwable e) {
        // Only the first failure in a row is logged with its trace.
        LOG.log(
                failures == 0 ? Level.WARNING : Level.DEBUG,
                "A turn of " + Thread.currentThread().getName() + " failed",
                e);
        failures++;
        LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NS);
    }

    /** Stop serving, visibly: the port becomes free, and the members leave. */
    private void giveUp() {
        LOG.log(
                Level.ERROR,
                "{0} cannot go on, since each of its last {1} turns failed: it closes its sockets and ends;"
                        + " restart the forwarder",
                Thread.currentThread().getName(),
                Integer.toString(failures));
        registrations.leave();
    }

    private void turn() throws IOException {
        tasks.drain(TASKS_PER_TURN);
        sockets.flush();
        tally.flush();
        if (ended || awaitsTurn) {
            return;
        }
        sockets.await(change == null ? registrations.waitMs() : 0);
        clock.tick();
        for (int i = 0; i < sockets.localAddresses().size(); i++) {
            if (sockets.isReadable(i)) {
                forward(i);
            }
        }
        if (change != null) {
            var next = change;
            catchUp();
            change = null;
            next.run();
        }
        if (registrations.areDue()) {
            long dueNs = clock.nowNs();
            catchUp();
            registrations.endExpired(dueNs);
        }
    }

    /** Forward what the kernel holds, within the limits. */
    private void catchUp() throws IOException {
        long beganNs = clock.nowNs();
        long bytes = 0;
        long more;
        do {
            sockets.await(0); // a fresh allowance of waiting time for full send buffers
            clock.tick();
            more = 0;
            for (int i = 0; i < sockets.localAddresses().size(); i++) {
                more += Math.max(0, forward(i));
            }
            bytes += more;
        } while (more > 0
                && bytes < held * sockets.localAddresses().size()
                && clock.nowNs() - beganNs < LONGEST_CATCH_UP_NS);
    }

    /** {@return how many bytes came; -1 if nothing came} */
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

    /** Run {@code next} in this turn, once what the kernel holds now is forwarded. A task. */
    void change(Runnable next) {
        change = next;
    }

    /** Forward by other rules from now on. Called by a change. */
    void forwardBy(Forwarding next) {
        forwarding = next;
    }

    /** Run tasks only, until the task {@link #takeTurn}. A task. */
    void awaitTurn() {
        awaitsTurn = true;
    }

    /** Forward what the kernel holds, within the limits, and continue normally. A task. */
    void takeTurn(Duration limit) {
        awaitsTurn = false;
        forwardHeld(limit);
    }

    /** Forward what the kernel holds, within this limit. A task. */
    void forwardHeld(Duration limit) {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        for (int i = 0; i < sockets.localAddresses().size(); i++) {
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
