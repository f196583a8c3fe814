package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Framing;
import java.util.ArrayList;
import java.util.List;

/**
 * One group as one listener knows it. The group keeps a side for the listener's owner until the listener was told, so that what is
 * published meanwhile waits for the bridge. Used on the listener's owner's thread unless it says otherwise.
 */
final class Watched implements WatchedGroup {
    private final GroupWatch watch;
    private final Group group;
    private final Side awaiting;
    private final List<Seat> bridges = new ArrayList<>(1);
    private boolean isOver;

    /** Made on any thread, within the registry's entry for the group. */
    Watched(GroupWatch watch, Group group) {
        this.watch = watch;
        this.group = group;
        this.awaiting = group.await(watch);
    }

    GroupWatch watch() {
        return watch;
    }

    /** The first task for this group. */
    void begin() {
        if (!watch.begun(this)) {
            leave();
        }
        group.awaitNoMore(awaiting);
        awaiting.closeIfUnused();
    }

    /**
     * Forget the group, whose watch has ended. If the listener's owner has ended too, the first task never runs, so the side must not wait
     * for it. On any thread, within the registry's entry for the group.
     */
    void forget() {
        if (watch.owner() instanceof LoopOwner loop && !loop.isRunning()) {
            awaiting.abandon();
        }
    }

    /** The last task, behind all that was handed over. */
    void end() {
        leave();
        watch.ended(this);
    }

    /** Take the bridges out of the group, for good. */
    void leave() {
        isOver = true;
        List.copyOf(bridges).forEach(seat -> seat.leave(Reason.STOPPED));
    }

    @Override
    public Membership bridge(Member member) {
        if (isOver) {
            throw new IllegalStateException("group " + id() + " has ended");
        }
        var seat = new Seat(group.side(watch), SeatKind.BRIDGE, watch.endpoint(), member, MemberRules.DEFAULT);
        bridges.add(seat);
        seat.enter(() -> bridges.remove(seat));
        return seat;
    }

    @Override
    public GroupId id() {
        return group.id();
    }

    @Override
    public Framing framing() {
        return group.rules().framing();
    }

    @Override
    public int maxMessageSize() {
        return group.rules().maxMessageSize();
    }

    @Override
    public int members() {
        return group.members().taken();
    }
}
