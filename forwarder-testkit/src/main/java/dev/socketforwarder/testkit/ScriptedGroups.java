package dev.socketforwarder.testkit;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Plays the runtime's groups in a test, and records what happens. A test can make the groups refuse new members, or pretend that
 * a member is full. The groups' framing is raw. Members with a full queue pause the others, as {@code slow-member: pace} does;
 * no member is closed for being slow. Thread-safe.
 */
public final class ScriptedGroups implements Groups {
    private final FlowLimits limits;
    private final CountingMemory memory = new CountingMemory();
    private final List<ScriptedMembership> joined = new CopyOnWriteArrayList<>();
    private final List<BrokenPromiseError> broken = new CopyOnWriteArrayList<>();
    private final OwnerThreads threads = new OwnerThreads(broken);
    private final Object pacing = new Object();
    private volatile Reason refusal; // null: everybody may join
    private volatile BoundedWait waiting = new BoundedWait(TransportContract.PATIENCE, this::verify);

    /** Make groups with the limits that the runtime has by default. */
    public ScriptedGroups() {
        this(FlowLimits.DEFAULT);
    }

    /**
     * Make groups with given limits.
     *
     * @param limits of each member's queue
     */
    public ScriptedGroups(FlowLimits limits) {
        this.limits = limits;
    }

    /**
     * Refuse every new member from now on.
     *
     * @param reason the limit that is reached
     */
    public void refuse(Reason reason) {
        refusal = reason;
    }

    /**
     * {@return all members that ever joined, in their order; publishers are left out}
     */
    public List<ScriptedMembership> joined() {
        return joined.stream().filter(one -> !one.publishesOnly()).toList();
    }

    /**
     * {@return the members that are in a group now}
     */
    public List<ScriptedMembership> members() {
        return joined().stream().filter(one -> !one.hasLeft()).toList();
    }

    /**
     * {@return how many bytes members and publishers have published so far}
     */
    public long publishedBytes() {
        return joined.stream().mapToLong(ScriptedMembership::publishedBytes).sum();
    }

    /**
     * {@return how many bytes of memory the queued bytes take}
     */
    public long heldBytes() {
        return memory.held();
    }

    /**
     * Throw the first broken promise that was seen, if any. The others are its suppressed exceptions.
     */
    public void verify() {
        if (!broken.isEmpty()) {
            var first = broken.getFirst();
            broken.stream().skip(1).limit(20).filter(other -> other != first).forEach(first::addSuppressed);
            throw first;
        }
    }

    @Override
    public Join join(GroupId group, Member member, Owner owner) {
        threads.called(owner, Promise.JOIN_ON_OWNER, "Groups.join");
        if (refusal != null) {
            return new Refused(refusal);
        }
        return new Joined(enter(new ScriptedMembership(this, group, Optional.of(member), owner)));
    }

    @Override
    public ScriptedMembership publisher(GroupId group, Owner owner) {
        threads.called(owner, Promise.JOIN_ON_OWNER, "Groups.publisher");
        return enter(new ScriptedMembership(this, group, Optional.empty(), owner));
    }

    private ScriptedMembership enter(ScriptedMembership membership) {
        joined.add(membership);
        pace(membership.group());
        return membership;
    }

    FlowLimits limits() {
        return limits;
    }

    CountingMemory memory() {
        return memory;
    }

    OwnerThreads threads() {
        return threads;
    }

    BoundedWait waiting() {
        return waiting;
    }

    void waiting(BoundedWait given) {
        waiting = given;
    }

    void broken(BrokenPromiseError error) {
        broken.add(error);
    }

    /** Give the bytes that one member published to all others of its group. Called on its owner's thread. */
    void deliver(ScriptedMembership sender, Batch batch) {
        Batch kept = null;
        for (var other : joined) {
            if (other == sender
                    || other.hasLeft()
                    || other.publishesOnly()
                    || !other.group().equals(sender.group())) {
                continue;
            }
            if (other.owner() == sender.owner()) {
                other.take(batch);
            } else {
                kept = kept == null ? sender.backlog().keep(batch) : kept;
                other.takeLater(kept.share());
            }
        }
        if (kept != null) {
            kept.release();
        }
    }

    /** Let each member of a group pause or resume, on its owner's thread, as the full members demand. */
    void pace(GroupId group) {
        synchronized (pacing) {
            var members = joined.stream()
                    .filter(one -> !one.hasLeft() && one.group().equals(group))
                    .toList();
            long full = members.stream().filter(ScriptedMembership::isFull).count();
            members.forEach(one -> one.pauseFor(full > (one.isFull() ? 1 : 0)));
        }
    }

    static Batch converted(Batch batch, Form form, int largest, ScriptedMembership taker) {
        if (batch.form() == form) {
            return batch;
        }
        return form == Form.MESSAGES
                ? batch.bare(Framing.RAW, largest)
                : batch.framed(Framing.RAW, Integer.MAX_VALUE, taker.backlog());
    }
}
