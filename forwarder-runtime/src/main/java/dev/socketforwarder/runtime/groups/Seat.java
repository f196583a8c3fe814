package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutboundQueue;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The membership of one member, bridge or publisher in a group. Used on its owner's thread. */
final class Seat implements Membership, OutboundQueue.Listener {
    private static final long NOTICEABLE_NS = TimeUnit.SECONDS.toNanos(1);

    /** Position in the side's list; maintained by the side. */
    int index;
    /** Whether the member was last told to pause; maintained by the side. */
    boolean paused;
    /** Messages left out since the member was last told; maintained by the side. */
    long missed;

    /**
     * First and last index of what the member published in this {@link Turn}, which maintains both; -1 if it published
     * nothing.
     */
    int firstOfTurn = -1;

    int lastOfTurn;

    private final Side side;
    private final SeatKind kind;
    private final boolean isBridge; // one read for each delivery
    private final Member member;
    private final boolean pausable;
    private final Batch.Form form;
    private final boolean takesEitherForm;
    private Encoded encoded; // null: the member has no encoding of its own, or is not in the group
    private final OutboundQueue queue;
    private final Deframer deframer;
    private CodecMemory codecMemory; // null: the member has no codec that keeps anything
    private final MemberRules own;
    private final long joinedNs;
    private final String endpoint;
    private final long id; // 0 for a publisher
    private final String name;
    private final Traffic traffic = new Traffic();
    // Null before the member publishes, and before it is given something: most members do one of both, or neither.
    private volatile Rate rateIn;
    private volatile Rate rateOut;
    private Runnable onLeave; // null while not in the group
    /** Whether the member has left the group while its queue is still flushed. */
    private boolean departed;

    Seat(Side side, SeatKind kind, String endpoint, Member member, MemberRules own) {
        this.endpoint = endpoint;
        this.id = kind.isGiven() ? side.group().shared().roster().nextId() : 0;
        // The text for a connection is made when somebody looks at it.
        this.name = !kind.isGiven() || member instanceof PeerMember ? "" : member.describe();
        this.kind = kind;
        this.isBridge = kind == SeatKind.BRIDGE;
        this.own = own;
        this.side = side;
        this.member = member;
        this.pausable = member.pausable();
        this.form = member.form();
        this.takesEitherForm = member.takesEitherForm();
        var rules = side.group().rules();
        var clock = side.group().shared().nanoClock();
        this.joinedNs = clock.getAsLong();
        this.queue = new OutboundQueue(rules.flow(), side.backlog(), this, clock);
        this.deframer = new Deframer(
                rules.framing(),
                rules.maxMessageSize(),
                side.group().memoryOfUnfinished(),
                side.watch()::unfinished,
                clock);
    }

    void enter(Runnable onLeave) {
        this.onLeave = onLeave;
        member.encoding().ifPresent(own -> encoded = side.conversion().enter(own));
        side.add(this);
        if (kind.isGiven()) {
            side.group().shared().roster().joined(this);
        }
    }

    /** {@return the member's number; 0 for a publisher} */
    long id() {
        return id;
    }

    /** {@return what this member published and was given} */
    Traffic traffic() {
        return traffic;
    }

    /** Take a sample of the counts, from which the rates are made. Called by one thread, whichever that is. */
    void sample(long nowNs) {
        rateIn = sampled(rateIn, traffic.bytesIn(), nowNs);
        rateOut = sampled(rateOut, traffic.bytesOut(), nowNs);
    }

    private static Rate sampled(Rate rate, long count, long nowNs) {
        if (rate == null && count == 0) {
            return null;
        }
        var sampled = rate == null ? new Rate() : rate;
        sampled.sample(count, nowNs);
        return sampled;
    }

    private static double perSecond(Rate rate) {
        return rate == null ? 0 : rate.perSecond();
    }

    /** {@return whether the member makes others wait, misses messages, or takes next to nothing} May be called by any thread. */
    boolean isSlow() {
        return queue.isFull() || queue.stalledNs() >= NOTICEABLE_NS;
    }

    /** {@return what can be seen of the member now} May be called by any thread. */
    MemberView view() {
        long nowNs = side.group().shared().nanoClock().getAsLong();
        var peer = Optional.ofNullable(member instanceof PeerMember connection ? connection : null);
        long queued = queue.pendingBytes();
        return new MemberView(
                id,
                endpoint,
                side.group().id(),
                side.group().rules().framing(),
                peer.map(PeerMember::address).orElse(name),
                peer,
                isBridge,
                Duration.ofNanos(nowNs - joinedNs),
                traffic.bytesIn(),
                Math.max(0, traffic.bytesOut() - queued),
                perSecond(rateIn),
                perSecond(rateOut),
                traffic.leftOut(),
                queued,
                Duration.ofNanos(queue.laggingNs()),
                Duration.ofNanos(queue.fullNs()),
                isSlow(),
                paused ? side.group().pacing().cause() : Optional.empty());
    }

    Member member() {
        return member;
    }

    SeatKind kind() {
        return kind;
    }

    /** {@return whether nobody waits for this seat} */
    boolean isBridge() {
        return isBridge;
    }

    Batch.Form form() {
        return form;
    }

    /** {@return whether the member takes a batch of this form as it is; {@code isFramed} is whether the group is} */
    boolean takes(Batch.Form published, boolean isFramed) {
        // A raw stream can carry messages as they are.
        return published == form || takesEitherForm || !isFramed && published == Batch.Form.MESSAGES;
    }

    /** {@return what serves the members with the same encoding; null if the member has none} */
    Encoded encoded() {
        return encoded;
    }

    @Override
    public int largestMessage() {
        return side.conversion().maxMessageSize();
    }

    @Override
    public Memory memory() {
        if (codecMemory == null) {
            codecMemory = new CodecMemory(
                    side.group().memoryOfUnfinished(),
                    side.watch()::unfinished,
                    side.group().shared().nanoClock());
        }
        return codecMemory;
    }

    /** {@return how many nanoseconds ago the member's unfinished message began; 0 if no message is unfinished} */
    long unfinishedNs() {
        long ownNs = codecMemory == null ? 0 : codecMemory.heldNs();
        return Math.max(deframer.unfinishedNs(), ownNs);
    }

    /** {@return whether only the member's codec could find the end of the unfinished message} */
    boolean isUnfinishedInCodec() {
        return deframer.isPresented() || codecMemory != null && codecMemory.heldNs() > 0;
    }

    @Override
    public Deframer deframer() {
        return deframer;
    }

    @Override
    public Rates rates() {
        return own.rates();
    }

    @Override
    public Optional<ByteBuffer> joinReply() {
        return encoded == null ? own.joinReply() : own.joinReply().flatMap(encoded::reply);
    }

    @Override
    public void publish(Batch batch) {
        if (onLeave == null || side.isAbandoned() && kind.isGiven()) {
            return;
        }
        traffic.in(batch.bytes());
        side.traffic().in(batch.bytes());
        side.group().published(batch);
        if (side.isNoted(this, batch)) {
            return;
        }
        side.deliver(kind.isGiven() ? this : null, batch, pausable);
        side.group().handOver(side, batch, pausable);
    }

    @Override
    public OutboundQueue queue() {
        return queue;
    }

    @Override
    public void leave(Reason reason) {
        if (onLeave == null) {
            return;
        }
        var left = onLeave;
        onLeave = null;
        side.giveLast(this);
        if (deframer.end() && reason != Reason.MESSAGE_INCOMPLETE) { // the member's own end counts that
            side.group().shared().counters().add(Reason.MESSAGE_INCOMPLETE, 1);
        }
        side.remove(this);
        if (encoded != null) {
            side.conversion().leave(encoded);
            encoded = null;
        }
        if (queue.isFull()) {
            side.group().pacing().drained(this, side);
        }
        if (!queue.isEmpty()) {
            departed = true;
            side.group().shared().relief().departed(this);
        }
        left.run();
        if (kind.isGiven()) {
            side.group().shared().roster().left(this, reason);
        }
    }

    @Override
    public void emptied() {
        if (departed) {
            departed = false;
            side.group().shared().relief().gone(this);
        }
    }

    @Override
    public void overflowed() {
        side.endSoon(this, Reason.OUT_OF_QUEUE);
    }

    /** {@return whether the member has left the group while its queue is still flushed} */
    boolean isDeparted() {
        return departed;
    }

    /** Close the member if it has left but still holds memory. */
    void endDeparted() {
        if (departed) {
            side.end(this, Reason.OUT_OF_QUEUE);
        }
    }

    Side side() {
        return side;
    }

    Owner owner() {
        return side.owner();
    }

    /** {@return what the member needs of the memory for queued bytes} */
    Need need() {
        var source = member instanceof PeerMember peer ? peer.source() : Optional.empty();
        long stalledNs = Math.max(queue.stalledNs(), deframer.stalledNs());
        long unfinished = deframer.unfinishedBytes();
        if (codecMemory != null) {
            stalledNs = Math.max(stalledNs, codecMemory.stalledNs());
            unfinished += codecMemory.heldBytes();
        }
        long limitNs = side.group().rules().flow().stallTimeout().toNanos();
        return new Need(
                this,
                source.orElse(side.group()),
                queue.heldBytes(),
                unfinished,
                stalledNs < limitNs ? 0 : stalledNs,
                joinedNs);
    }

    /** Close the member, because memory is short. */
    void shed() {
        if (isIn()) {
            side.end(this, Reason.OUT_OF_QUEUE);
            side.backlog().trim();
        }
    }

    boolean isIn() {
        return onLeave != null;
    }

    /** Apply the changed rules of the group. */
    void adoptRules() {
        queue.adopt(side.group().rules().flow());
        if (queue.isFull()) {
            if (side.group().rules().slowMember() != SlowMember.PACE) {
                side.group().pacing().drained(this, side);
            }
            full();
        }
    }

    @Override
    public void full() {
        if (onLeave == null || isBridge) {
            return; // the delivery sees that the queue is full
        }
        switch (side.group().rules().slowMember()) {
            case PACE -> {
                side.group().pacing().full(this, side);
                side.watch().stalled(this);
            }
            case DISCONNECT -> side.endSoon(this, Reason.TOO_SLOW);
            case DROP -> {
                // The delivery sees that the queue is full.
            }
        }
    }

    @Override
    public void drained() {
        if (onLeave == null) {
            return;
        }
        side.group().pacing().drained(this, side);
        if (missed > 0) {
            side.tellMissedSoon(this);
        }
    }
}
