package dev.socketforwarder.testkit;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
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
 * a member is full. The groups are raw unless the test says otherwise. A member with a full queue pauses the others, as with {@code
 * slow-member: pace}. No member is closed for being slow. Thread-safe.
 */
public final class ScriptedGroups implements Groups {
    /** The largest message of groups whose framing no test sets, as in the runtime. */
    private static final int MAX_MESSAGE = 1 << 20;

    private final FlowLimits limits;
    private final Framing framing;
    private final int maxMessageSize;
    private final CountingMemory memory = new CountingMemory();
    private final List<ScriptedMembership> joined = new CopyOnWriteArrayList<>();
    private final List<BrokenPromiseError> broken = new CopyOnWriteArrayList<>();
    private final OwnerThreads threads = new OwnerThreads(broken);
    private final Object pacing = new Object();
    private final List<ScriptedWatch> watches = new CopyOnWriteArrayList<>();
    private volatile Reason refusal; // null if every member may join
    private volatile BoundedWait waiting = new BoundedWait(TransportContract.PATIENCE, this::verify);

    /** Make groups with the default limits of the runtime. */
    public ScriptedGroups() {
        this(FlowLimits.DEFAULT);
    }

    /**
     * Make groups with the given limits.
     *
     * @param limits the limits of each member's queue
     */
    public ScriptedGroups(FlowLimits limits) {
        this(limits, Framing.RAW, MAX_MESSAGE);
    }

    /**
     * Make groups with the given limits and a framing.
     *
     * @param limits the limits of each member's queue
     * @param framing the framing of all groups
     * @param maxMessageSize the largest bare message, in bytes
     */
    public ScriptedGroups(FlowLimits limits, Framing framing, int maxMessageSize) {
        this.limits = limits;
        this.framing = framing;
        this.maxMessageSize = maxMessageSize;
    }

    /**
     * Refuse every new member from now on.
     *
     * @param reason the limit that the groups pretend to have reached
     */
    public void refuse(Reason reason) {
        refusal = reason;
    }

    boolean isRefusing() {
        return refusal != null;
    }

    /**
     * {@return all members that have ever joined, in order, without publishers}
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
     * {@return how many bytes of memory the queues hold}
     */
    public long heldBytes() {
        return memory.held();
    }

    /**
     * Throw the first broken promise that was recorded, if there is one. Its suppressed exceptions are the others.
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

    @Override
    public Watch watch(GroupListener listener, Owner owner) {
        threads.called(owner, Promise.JOIN_ON_OWNER, "Groups.watch");
        var watch = new ScriptedWatch(this, listener, owner);
        watches.add(watch);
        joined.stream().map(ScriptedMembership::group).distinct().forEach(this::tell);
        return watch;
    }

    /**
     * Join a group with a member of the test's own, as if a peer of another endpoint came. Watching listeners are told if the group
     * begins with this member.
     *
     * @param group the group
     * @return the member, which the test closes
     */
    public LocalMember local(GroupId group) {
        return new LocalMember(this, group);
    }

    /**
     * {@return the bridges that are in groups now}
     */
    public List<ScriptedMembership> bridges() {
        return watches.stream().flatMap(watch -> watch.bridges().stream()).toList();
    }

    /** Tell those who watch whether the group exists. */
    void tell(GroupId group) {
        synchronized (pacing) {
            boolean exists = joined.stream()
                    .anyMatch(one -> !one.hasLeft() && one.group().equals(group));
            watches.forEach(watch -> watch.note(group, exists));
        }
    }

    private ScriptedMembership enter(ScriptedMembership membership) {
        joined.add(membership);
        tell(membership.group());
        pace(membership.group());
        return membership;
    }

    Framing framing() {
        return framing;
    }

    int maxMessageSize() {
        return maxMessageSize;
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

    /** Deliver the bytes that one member published to all other members of its group. Called on the sender's owner's thread. */
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
        if (kept == null && !watches.isEmpty()) {
            kept = sender.backlog().keep(batch);
        }
        for (var watch : watches) {
            watch.deliver(sender, kept);
        }
        if (kept != null) {
            kept.release();
        }
    }

    /** Pause or resume each member of a group on its owner's thread, depending on whether another member is full. */
    void pace(GroupId group) {
        synchronized (pacing) {
            var members = joined.stream()
                    .filter(one -> !one.hasLeft() && one.group().equals(group))
                    .toList();
            long full = members.stream().filter(ScriptedMembership::isFull).count();
            members.forEach(one -> one.pauseFor(full > (one.isFull() ? 1 : 0)));
        }
    }

    /** {@return the batch as this member takes it, which the caller releases if it is another batch of stream bytes} */
    Batch converted(Batch batch, Member member, ScriptedMembership taker) {
        var encoding = member.encoding();
        if (encoding.isPresent()) {
            var bare = batch.form() == Form.MESSAGES ? batch : batch.bare(framing, maxMessageSize);
            return taker.backlog().encode(bare, encoding.get(), maxMessageSize, new int[bare.count()]);
        }
        if (batch.form() == member.form() || member.takesEitherForm()) {
            return batch;
        }
        return member.form() == Form.MESSAGES
                ? batch.bare(framing, member.largestMessage())
                : taker.backlog().encode(batch, framing, maxMessageSize, new int[batch.count()]);
    }
}
