package dev.socketforwarder.runtime;

import dev.socketforwarder.api.Batch;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.OutboundQueue;

/** A membership. Used on its owner's thread. */
final class Seat implements Membership, OutboundQueue.Listener {
    /** Its place in the side's list, which keeps it. */
    int index;
    /** What the member was last told; the side keeps it. */
    boolean paused;

    private final Side side;
    private final Member member;
    private final boolean pausable;
    private final OutboundQueue queue;
    private Runnable onLeave; // null: not in the group

    Seat(Side side, Member member) {
        this.side = side;
        this.member = member;
        this.pausable = member.pausable();
        var shared = side.group().shared();
        this.queue = new OutboundQueue(shared.limits(), side.backlog(), this, shared.nanoClock());
    }

    void enter(Runnable onLeave) {
        this.onLeave = onLeave;
        side.add(this);
    }

    Member member() {
        return member;
    }

    boolean publishesOnly() {
        return member == Publisher.INSTANCE;
    }

    @Override
    public void publish(Batch batch) {
        if (onLeave != null) {
            side.deliver(publishesOnly() ? null : this, batch, pausable);
            side.group().handOver(side, batch, pausable);
        }
    }

    @Override
    public OutboundQueue queue() {
        return queue;
    }

    @Override
    public void leave() {
        if (onLeave == null) {
            return;
        }
        var left = onLeave;
        onLeave = null;
        side.remove(this);
        if (queue.isFull()) {
            side.group().pacing().drained(this, side);
        }
        left.run();
    }

    @Override
    public void full() {
        if (onLeave != null) {
            side.group().pacing().full(this, side);
            side.watchStalled(this);
        }
    }

    @Override
    public void drained() {
        if (onLeave != null) {
            side.group().pacing().drained(this, side);
        }
    }
}
