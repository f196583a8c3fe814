package dev.socketforwarder.runtime.streams.loop;

import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.runtime.groups.Turn;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * What one event loop reads of the groups placed on it, publishes and flushes: so much for each group in one turn. A large
 * group's flush goes on in the next turn. On the loop's thread.
 */
final class GroupTurns {
    /** The most that is read for one group in one turn, in bytes: a flooding group leaves the others their share. */
    static final int BYTES = 256 * 1024;

    /**
     * The most writes to one group in one turn, where each {@link #BYTES_OF_A_WRITE} count for one more: else the others wait
     * while one read goes to ten thousand members.
     */
    static final int WRITES = 64;

    /**
     * The most reads of one group in one turn: many that send a byte each take no longer than one that sends much.
     */
    static final int READS = 256;

    /**
     * What a group may have read and not yet written when it is read again, in bytes: members that send little at a time are
     * read together, over several turns, while what was read before is written.
     */
    private static final int ROUND_BYTES = BYTES / 4;

    /**
     * The most that one group's members are given in one turn, each thing to each member counted, until nothing more is read
     * of it: where what is read cannot be given to all in one pass.
     */
    private static final int DELIVERIES = 64 * 1024;

    private static final long BYTES_OF_A_WRITE = 64 * 1024;

    private final EventLoop loop;
    private final Expiry expiry;

    // What a group's members send in one turn is packed here, and written from here.
    private final ByteBuffer read = ByteBuffer.allocateDirect(BYTES);
    private final Block block = Block.borrowed(read);
    private Turn turn = new Turn(block);
    private Turn spare; // null: the only one is in use

    private final ArrayDeque<LoopGroup> readyGroups = new ArrayDeque<>();
    private final ArrayDeque<LoopGroup> unflushed = new ArrayDeque<>();

    GroupTurns(EventLoop loop, Expiry expiry) {
        this.loop = loop;
        this.expiry = expiry;
    }

    /** {@return whether a group is to be served in the next turn} */
    boolean areReady() {
        return !readyGroups.isEmpty();
    }

    /** A buffer for bytes that are used before anything else is read. */
    ByteBuffer scratch() {
        return read.clear();
    }

    /** Read this member in this turn or the next, after those noted before. */
    void ready(LoopMember member) {
        var group = member.group();
        if (!member.readyListed) {
            member.readyListed = true;
            member.readyRound = expiry.note();
            group.ready.add(member);
            if (group.ready.size() > READS) {
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
                    group.unflushed.forEach(LoopMember::keep);
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
        for (int reads = 0; reads < READS && bytes < BYTES && filled < BYTES; reads++) {
            if (turn.isToEnd() || turn.deliveries() >= DELIVERIES || (member = group.ready.poll()) == null) {
                break;
            }
            if (filled > 0 && BYTES - filled <= member.gap()) {
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
                filled = BYTES; // whatever is there stays
                loop.fail(member, e);
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
    void unflushed(LoopMember member) {
        var group = member.group();
        group.unflushed.add(member);
        if (!group.flushListed) {
            group.flushListed = true;
            unflushed.add(group);
        }
    }

    /** Flush what tasks and others delivered. */
    void flush() {
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
