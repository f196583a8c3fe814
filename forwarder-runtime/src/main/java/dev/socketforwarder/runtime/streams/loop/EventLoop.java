package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.Deadlines;
import dev.socketforwarder.api.Fatal;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.kit.TaskQueue;
import dev.socketforwarder.runtime.groups.LoopOwner;
import dev.socketforwarder.runtime.groups.Turn;
import dev.socketforwarder.runtime.streams.wire.TlsScratch;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * One thread with its selector: the owner of listeners, of connections that shake hands, and of the members of the groups
 * placed here.
 *
 * <p>A turn: sockets (accept, shake hands, write what waited, note who can be read), then group by group read, publish and
 * flush, then deadlines (see {@link Expiry}), then tasks of other threads, then flush what those delivered. A large group's flush goes on in
 * the next turn. The wait at the start of the next turn is until the nearest deadline, or for ever.
 */
public final class EventLoop implements LoopOwner {
    private static final Logger LOG = System.getLogger(EventLoop.class.getName());

    /** The most that is read for one group in one turn, in bytes: a flooding group leaves the others their share. */
    static final int TURN_BYTES = 256 * 1024;

    /**
     * The most writes to one group in one turn, where each {@link #BYTES_OF_A_WRITE} count for one more: else the others wait
     * while one read goes to ten thousand members.
     */
    static final int TURN_WRITES = 64;

    /**
     * The most reads of one group in one turn: many that send a byte each take no longer than one that sends much.
     */
    static final int TURN_READS = 256;

    /**
     * What a group may have read and not yet written when it is read again, in bytes: members that send little at a time are
     * read together, over several turns, while what was read before is written.
     */
    private static final int ROUND_BYTES = TURN_BYTES / 4;

    /**
     * The most that one group's members are given in one turn, each thing to each member counted, until nothing more is read
     * of it: where what is read cannot be given to all in one pass.
     */
    private static final int TURN_DELIVERIES = 64 * 1024;

    private static final long BYTES_OF_A_WRITE = 64 * 1024;

    private static final int TASKS_PER_TURN = 1_000;

    /** After so many it is looked whether they take long: one may be for ten thousand members. */
    private static final int TASKS_AT_ONCE = 8;

    private static final long TASKS_NS = 2_000_000;

    private static final long SELECT_NS = 5_000_000;

    /** What is registered with the selector. */
    public interface Selectable {
        /** {@return the loop that it is registered with} */
        EventLoop loop();

        /** Do what the channel is ready for. Throws nothing that a peer could cause. */
        void onReady(SelectionKey key);

        /** Close after an error of ours. */
        void onFailure();
    }

    /** Members placed here; read by any thread. */
    final AtomicInteger members = new AtomicInteger();

    private final Deadlines deadlines = new Deadlines();
    private final ResetProbe resets = new ResetProbe(deadlines);
    private final Expiry expiry = new Expiry(deadlines);
    private final Selector selector;
    private final TaskQueue tasks;
    private final Thread thread;
    private final Consumer<SelectionKey> onReady = this::onReady; // made once, not each turn
    private volatile boolean running = true;

    // What a group's members send in one turn is packed here, and written from here.
    private final ByteBuffer read = ByteBuffer.allocateDirect(TURN_BYTES);
    private final Block block = Block.borrowed(read);
    private Turn turn = new Turn(block);
    private Turn spare; // null: the only one is in use

    private TlsScratch tlsScratch; // null: no TLS here yet

    private final ArrayDeque<LoopGroup> readyGroups = new ArrayDeque<>();
    private final ArrayDeque<LoopGroup> unflushed = new ArrayDeque<>();

    EventLoop(int index) throws IOException {
        selector = Selector.open();
        tasks = new TaskQueue(selector::wakeup);
        thread = Thread.ofPlatform().name("event-loop-" + index).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Let go of one that never started. */
    void discard() {
        try {
            selector.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "Closing a selector", e);
        }
    }

    /** End the thread and wait for it. All channels are closed by then. Any other thread. */
    void stop() {
        execute(() -> running = false);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void execute(Runnable task) {
        tasks.execute(task);
    }

    @Override
    public void executeAfterReading(Runnable check) {
        tasks.execute(() -> deadlines.in(0, check));
    }

    @Override
    public boolean mayHang() {
        return false;
    }

    /** Run it now if this is the loop's thread, else hand it over. */
    public void executeHere(Runnable task) {
        if (Thread.currentThread() == thread) {
            task.run();
        } else {
            tasks.execute(task);
        }
    }

    /** Run it later on this loop's thread: if it fails, it costs this one alone. Any thread. */
    public void execute(Selectable selectable, Runnable task) {
        tasks.execute(() -> attempt(selectable, task));
    }

    /** Run it: if it fails, it costs this one alone. On this loop's thread. */
    public void attempt(Selectable selectable, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            fail(selectable, e);
        }
    }

    public Selector selector() {
        return selector;
    }

    /** {@return how many members are placed here. Any thread} */
    public int memberCount() {
        return members.get();
    }

    /** {@return what is to happen on this loop's thread, and when} */
    public Deadlines deadlines() {
        return deadlines;
    }

    /** Find out whether this member is reset, from now on and as long as it waits for nothing. */
    public void probeForReset(LoopMember member) {
        resets.watch(member);
    }

    /** A buffer for bytes that are used before anything else is read. */
    public ByteBuffer scratch() {
        return read.clear();
    }

    /** {@return the buffers of its TLS connections, for its own thread} */
    public TlsScratch tlsScratch() {
        if (tlsScratch == null) {
            tlsScratch = new TlsScratch();
        }
        return tlsScratch;
    }

    private void run() {
        try (selector) {
            while (running) {
                select();
                resets.end();
                expiry.polled();
                serveGroups();
                expiry.expire();
                runTasks();
                flush();
            }
        } catch (IOException | ClosedSelectorException e) {
            LOG.log(Level.ERROR, thread.getName() + " cannot wait for its sockets and ends", e);
        }
    }

    /** Find out who is ready, everybody if that does not take long: behind thousands of one group there may be another's. */
    private void select() throws IOException {
        boolean waits = !expiry.isDue() && !resets.isRunning() && readyGroups.isEmpty();
        int found = waits ? selector.select(onReady, deadlines.millisToNext()) : selector.selectNow(onReady);
        if (found > TURN_READS) {
            long begunNs = System.nanoTime();
            do {
                found = selector.selectNow(onReady);
            } while (found > TURN_READS && System.nanoTime() - begunNs < SELECT_NS);
        }
    }

    private void runTasks() {
        long begunNs = System.nanoTime();
        int left = TASKS_PER_TURN;
        do {
            tasks.drain(TASKS_AT_ONCE);
            left -= TASKS_AT_ONCE;
        } while (left > 0 && !tasks.isEmpty() && System.nanoTime() - begunNs < TASKS_NS);
    }

    private void onReady(SelectionKey key) {
        var selectable = (Selectable) key.attachment();
        try {
            selectable.onReady(key);
        } catch (RuntimeException | Error e) {
            fail(selectable, e);
        }
    }

    /** End it after an error of ours, or of a transport that still touches what it gave away. The others live on. */
    private void fail(Selectable selectable, Throwable thrown) {
        Fatal.rethrow(thrown);
        LOG.log(Level.WARNING, "An error of the forwarder's own, or of a transport, ends " + selectable, thrown);
        try {
            selectable.onFailure();
        } catch (RuntimeException | Error another) {
            Fatal.rethrow(another);
            LOG.log(Level.WARNING, selectable + " could not be ended", another);
        }
    }

    /** Read this member in this turn or the next, after those noted before. */
    public void ready(LoopMember member) {
        var group = member.group();
        if (!member.readyListed) {
            member.readyListed = true;
            member.readyRound = expiry.note();
            group.ready.add(member);
            if (group.ready.size() > TURN_READS) {
                member.awaitTurn();
            }
        }
        list(group);
    }

    private void list(LoopGroup group) {
        if (!group.listed) {
            group.listed = true;
            readyGroups.add(group);
        }
    }

    private void serveGroups() {
        for (int i = readyGroups.size(); i > 0; i--) {
            var group = readyGroups.poll();
            group.listed = false;
            serve(group);
        }
    }

    /** Give what was read earlier to those who have not got it yet; only then read again, unless it was little. */
    private void serve(LoopGroup group) {
        long work = flush(group, 0);
        if (group.pass != null) {
            if (group.pass.resume()) {
                spare = group.pass;
                group.pass = null;
            }
            flush(group, work);
        } else {
            if (group.unflushed.isEmpty()) {
                group.roundBytes = 0;
            }
            if (group.roundBytes < ROUND_BYTES) {
                read(group);
                flush(group, work);
                if (block.isReferred()) {
                    // Who has to wait for the next turn keeps what is in the block, which is read into again.
                    group.unflushed.forEach(member -> member.keep());
                }
                block.recycle();
            }
        }
        if (group.pass != null || !group.ready.isEmpty()) {
            list(group);
        }
    }

    /** Pack what the ready members send into one block, as far as it goes, and give it to all of them in one pass. */
    private void read(LoopGroup group) {
        int filled = 0;
        int bytes = 0;
        LoopMember member;
        for (int reads = 0; reads < TURN_READS && bytes < TURN_BYTES && filled < TURN_BYTES; reads++) {
            if (turn.isToEnd() || turn.deliveries() >= TURN_DELIVERIES || (member = group.ready.poll()) == null) {
                break;
            }
            if (filled > 0 && TURN_BYTES - filled <= member.gap()) {
                group.ready.addFirst(member); // what it has not finished needs the next turn's room
                break;
            }
            member.readyListed = false;
            member.haveTurn();
            expiry.read(member.readyRound);
            try {
                int start = filled + member.gap();
                int n = Math.max(0, member.read(read.clear().position(start)));
                bytes += n;
                filled = n == 0 ? filled : member.publish(turn, filled, start, n);
            } catch (RuntimeException | Error e) {
                filled = TURN_BYTES; // whatever is there stays
                fail(member, e);
            }
        }
        group.roundBytes += bytes;
        if (!turn.end()) {
            group.pass = turn;
            turn = spare == null ? new Turn(block) : spare;
            spare = null;
        }
    }

    /** Flush this member before the turn ends. */
    public void unflushed(LoopMember member) {
        var group = member.group();
        group.unflushed.add(member);
        if (!group.flushListed) {
            group.flushListed = true;
            unflushed.add(group);
        }
    }

    /** Flush what tasks and others delivered. */
    private void flush() {
        LoopGroup group;
        while ((group = unflushed.poll()) != null) {
            group.flushListed = false;
            if (!group.listed) { // else it is flushed when the next turn begins
                flush(group, 0);
            }
        }
    }

    /**
     * Flush members, as many as may be in one turn.
     *
     * @param done how much of that has been done before
     * @return how much has been done now
     */
    private long flush(LoopGroup group, long done) {
        long work = done;
        LoopMember member;
        while (work < TURN_WRITES && (member = group.unflushed.poll()) != null) {
            try {
                work += 1 + member.flush() / BYTES_OF_A_WRITE;
            } catch (RuntimeException | Error e) {
                fail(member, e);
            }
        }
        if (!group.unflushed.isEmpty()) {
            list(group);
        }
        return work;
    }
}
