package dev.socketforwarder.testkit;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Framing;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Plays the part of the runtime that tells a bridge of groups, in the order that the API promises. Thread-safe. */
final class ScriptedWatch implements Groups.Watch {
    private final ScriptedGroups groups;
    private final GroupListener listener;
    private final Owner owner;
    private final Map<GroupId, Watched> known = new HashMap<>(); // guarded by this
    private volatile boolean closed;

    ScriptedWatch(ScriptedGroups groups, GroupListener listener, Owner owner) {
        this.groups = groups;
        this.listener = listener;
        this.owner = owner;
    }

    /** Note whether a group has members or publishers now. */
    synchronized void note(GroupId group, boolean exists) {
        if (exists && !closed) {
            known.computeIfAbsent(group, _ -> new Watched(group).begin());
        } else if (!exists && known.containsKey(group)) {
            known.remove(group).end();
        }
    }

    /** Hand over a batch to the bridges of a group; {@code kept} belongs to the caller. */
    synchronized void deliver(ScriptedMembership sender, Batch kept) {
        var group = known.get(sender.group());
        if (group != null) {
            group.deliver(sender, kept.share());
        }
    }

    /** {@return the bridges that are in groups now} */
    List<ScriptedMembership> bridges() {
        synchronized (this) {
            return known.values().stream()
                    .flatMap(group -> group.bridges.stream())
                    .filter(bridge -> !bridge.hasLeft())
                    .toList();
        }
    }

    @Override
    public void close() {
        groups.threads().called(owner, Promise.JOIN_ON_OWNER, "Watch.close");
        List<Watched> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(known.values());
            known.clear();
        }
        left.forEach(Watched::leave);
    }

    private final class Watched implements WatchedGroup {
        private final GroupId id;
        private final List<ScriptedMembership> bridges = new CopyOnWriteArrayList<>();
        private volatile boolean isOver;

        Watched(GroupId id) {
            this.id = id;
        }

        Watched begin() {
            owner.execute(() -> {
                if (!closed) {
                    fenced("begun", () -> listener.begun(this));
                }
            });
            return this;
        }

        void end() {
            owner.execute(() -> {
                if (!closed) {
                    leave();
                    fenced("ended", () -> listener.ended(this));
                }
            });
        }

        private void fenced(String call, Runnable told) {
            try {
                told.run();
            } catch (RuntimeException e) {
                groups.broken(Promise.MEMBER_RETURNS.broken("GroupListener." + call + " threw " + e, e));
            }
        }

        void leave() {
            isOver = true;
            bridges.stream().filter(bridge -> !bridge.hasLeft()).forEach(bridge -> bridge.leave(Reason.STOPPED));
        }

        void deliver(ScriptedMembership sender, Batch mine) {
            owner.execute(() -> {
                bridges.stream().filter(bridge -> bridge != sender).forEach(bridge -> bridge.take(mine));
                mine.clear();
                mine.release();
            });
        }

        @Override
        public Membership bridge(Member member) {
            groups.threads().called(owner, Promise.JOIN_ON_OWNER, "WatchedGroup.bridge");
            if (isOver) {
                throw new IllegalStateException("group " + id + " has ended");
            }
            var bridge = new ScriptedMembership(groups, id, Optional.of(member), owner);
            bridges.add(bridge);
            return bridge;
        }

        @Override
        public GroupId id() {
            return id;
        }

        @Override
        public Framing framing() {
            return groups.framing();
        }

        @Override
        public int maxMessageSize() {
            return groups.maxMessageSize();
        }

        @Override
        public int members() {
            return (int) groups.members().stream()
                    .filter(member -> member.group().equals(id))
                    .count();
        }
    }
}
