package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.runtime.groups.Turn;
import dev.socketforwarder.runtime.groups.TurnRoom;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Reads, publishes and flushes for the groups placed on one event loop. Each group gets a bounded share of a turn, and
 * the flush of a large group goes on in the next turn. Used on the loop's thread.
 */
final class GroupTurns {
    /**
     * The most bytes that are read for one group in one turn, so that a flooding group leaves the others their share.
     */
    static final int BYTES = 256 * 1024;

    /**
     * The most writes to one group in one turn. A write counts once more for each {@link #BYTES_OF_A_WRITE} bytes.
     * Without this limit the other groups would wait while one read goes to ten thousand members.
     */
    static final int WRITES = 64;

    /**
     * The most reads for one group in one turn, so that many members that send a byte each take no longer than one
     * member that sends much.
     */
    static final int READS = 256;

    /**
     * How many members of one group may wait to be read while the selector still reports them. Further members are taken off the
     * selector, which would report them in each turn until the group has written what was read before.
     */
    private static final int HEARD = 32;

    /**
     * How many bytes a group may have read and not yet written before reads stop. Members that send little at a time
     * are thus read together over several turns, while earlier bytes are being written.
     */
    private static final int ROUND_BYTES = BYTES / 4;

    /**
     * How many deliveries a group may make in one turn before reads stop; each message to each member counts. This limit matters
     * while what is read cannot go to all members in one pass.
     */
    private static final int DELIVERIES = 64 * 1024;

    /**
     * How long it should take in one turn to read from one group and to deliver what was read. The read that exceeds this time is the
     * last one of the turn. If a turn took longer in spite of that, the group's next turn ends after fewer bytes. Without this limit the other
     * groups would wait long for groups whose bytes cost much: tiny frames, compressed ones, or lines of one byte that become frames.
     */
    static final Duration TIME = Duration.ofNanos(400_000);

    /** The fewest bytes that a turn reads for a group, however long they take. Fewer say nothing of the time that a byte takes. */
    private static final int LEAST_BYTES = 4 * 1024;

    private static final long BYTES_OF_A_WRITE = 64 * 1024;

    private final EventLoop loop;
    private final Expiry expiry;
    private final long timeNs;

    // What a group's members send in one turn is packed into this buffer, and written from there.
    private final ByteBuffer read = ByteBuffer.allocateDirect(BYTES);
    private final Block block = Block.borrowed(read);
    private final TurnRoom room = new TurnRoom();
    private Turn turn = new Turn(block, room);
    private Turn spare; // null: no turn is spare

    private final ArrayDeque<LoopGroup> readyGroups = new ArrayDeque<>();
    private final ArrayDeque<LoopGroup> unflushed = new ArrayDeque<>();

    GroupTurns(EventLoop loop, Expiry expiry, Duration time) {
        this.loop = loop;
        this.expiry = expiry;
        this.timeNs = time.toNanos();
    }

    /** {@return whether a group is to be served in the next turn} */
    boolean areReady() {
        return !readyGroups.isEmpty();
    }

    /** {@return a buffer for bytes that are used up before anything else is read} */
    ByteBuffer scratch() {
        return read.clear();
    }

    /** Read this member in this turn or the next, after the members that were noted before. */
    void ready(LoopMember member) {
        var group = member.group();
        if (!member.readyListed) {
            member.readyListed = true;
            member.readyRound = expiry.note();
            group.ready.add(member);
            if (group.ready.size() > HEARD) {
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

    /** Read, publish and flush, group by group. */
    void serve() {
        for (int i = readyGroups.size(); i > 0; i--) {
            var group = readyGroups.poll();
            group.listed = false;
            serve(group);
        }
    }

    /**
     * Flush what was delivered earlier, and deliver what was read earlier to the members that have not got it yet. Read
     * again only after that, or while little has been read since the last complete flush.
     */
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
                if (block.isReferred() || room.isReferred()) {
                    // The memory is used again, so members that wait for the next turn copy what they need.
                    group.unflushed.forEach(LoopMember::keep);
                }
                block.recycle();
                room.recycle();
            }
        }
        loop.wakeOthers();
        if (group.pass != null || !group.ready.isEmpty()) {
            list(group);
        }
    }

    /**
     * Pack what the ready members send into one block, up to the limits, and give the block to all members in one pass.
     */
    private void read(LoopGroup group) {
        int filled = 0;
        int bytes = 0;
        LoopMember member;
        long beganNs = System.nanoTime();
        for (int reads = 0; reads < READS && bytes < group.mostBytes && filled < BYTES; reads++) {
            if (turn.isToEnd()
                    || reads > 0 && System.nanoTime() - beganNs > timeNs
                    || turn.codecBytes() >= BYTES
                    || turn.deliveries() >= DELIVERIES
                    || (member = group.ready.poll()) == null) {
                break;
            }
            if (filled > 0 && BYTES - filled <= member.gap()) {
                group.ready.addFirst(member); // the member's unfinished message needs the next turn's room
                break;
            }
            member.readyListed = false;
            member.haveTurn();
            expiry.read(member.readyRound);
            try {
                int start = filled + member.gap();
                int end = member.mayCut() ? Math.min(BYTES, start + group.mostBytes - bytes) : BYTES;
                int n = member.read(read.clear().position(start).limit(end));
                if (n >= 0) {
                    bytes += n;
                    filled = member.publish(turn, filled, start, n);
                }
            } catch (RuntimeException | Error e) {
                filled = BYTES; // whatever the block holds stays there
                loop.fail(member, e);
            }
        }
        group.roundBytes += Math.max(bytes, (int) Math.min(BYTES, turn.codecBytes()));
        boolean isOver = turn.end();
        if (bytes >= LEAST_BYTES) {
            long inTime = bytes * timeNs / Math.max(1, System.nanoTime() - beganNs);
            group.mostBytes = Math.clamp(inTime, LEAST_BYTES, BYTES);
        }
        if (!isOver) {
            group.pass = turn;
            turn = spare == null ? new Turn(block, room) : spare;
            spare = null;
        }
    }

    /** Flush this member before the turn ends. */
    void unflushed(LoopMember member) {
        var group = member.group();
        group.unflushed.add(member);
        if (!group.flushListed) {
            group.flushListed = true;
            unflushed.add(group);
        }
    }

    /** Flush what tasks and other threads delivered. */
    void flush() {
        LoopGroup group;
        while ((group = unflushed.poll()) != null) {
            group.flushListed = false;
            if (!group.listed) { // otherwise the next turn begins with this flush
                flush(group, 0);
            }
        }
    }

    /**
     * Flush members, as many as one turn allows.
     *
     * @param done the work of this turn that is done already
     * @return the work of this turn that is done now
     */
    private long flush(LoopGroup group, long done) {
        long work = done;
        LoopMember member;
        while (work < WRITES && (member = group.unflushed.poll()) != null) {
            try {
                work += 1 + member.flush() / BYTES_OF_A_WRITE;
            } catch (RuntimeException | Error e) {
                loop.fail(member, e);
            }
        }
        if (!group.unflushed.isEmpty()) {
            list(group);
        }
        return work;
    }
}
