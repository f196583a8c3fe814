package dev.socketforwarder.runtime.endpoints;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutboundQueue;
import dev.socketforwarder.runtime.loop.EndpointThread;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The groups as the endpoint of a plugin sees them. Its members live on the endpoint's own loop, so that the runtime can see
 * from outside whether the loop hangs. A call from another thread is refused before it can corrupt anything.
 */
record GuardedGroups(Groups groups, Supplier<EndpointThread> loop) implements Groups {

    @Override
    public Join join(GroupId group, Member member, Owner owner) {
        return switch (groups.join(group, member, checked(owner, "join"))) {
            case Joined(var membership) -> new Joined(new Guarded(membership, loop.get()));
            case Refused refused -> refused;
        };
    }

    @Override
    public Membership publisher(GroupId group, Owner owner) {
        return new Guarded(groups.publisher(group, checked(owner, "publisher")), loop.get());
    }

    @Override
    public Watch watch(GroupListener listener, Owner owner) {
        var watch = groups.watch(new GuardedListener(listener, loop.get(), new HashMap<>()), checked(owner, "watch"));
        return () -> {
            loop.get().requireCurrent("close");
            watch.close();
        };
    }

    private Owner checked(Owner owner, String what) {
        if (owner != loop.get()) {
            throw new IllegalArgumentException(
                    "a plugin's members live on the loop of its endpoint: give TransportContext.loop() as their owner");
        }
        loop.get().requireCurrent(what);
        return owner;
    }

    private record Guarded(Membership membership, EndpointThread loop) implements Membership {
        @Override
        public void publish(Batch batch) {
            loop.requireCurrent("publish");
            membership.publish(batch);
        }

        @Override
        public OutboundQueue queue() {
            loop.requireCurrent("queue");
            return membership.queue();
        }

        @Override
        public Deframer deframer() {
            loop.requireCurrent("deframer");
            return membership.deframer();
        }

        @Override
        public int largestMessage() {
            return membership.largestMessage();
        }

        @Override
        public Memory memory() {
            return membership.memory();
        }

        @Override
        public Rates rates() {
            return membership.rates();
        }

        @Override
        public Optional<ByteBuffer> joinReply() {
            return membership.joinReply();
        }

        @Override
        public void leave(Reason reason) {
            loop.requireCurrent("leave");
            membership.leave(reason);
        }
    }

    /** Passes on what the runtime tells a listener, with groups that are guarded too. */
    private record GuardedListener(GroupListener listener, EndpointThread loop, Map<WatchedGroup, WatchedGroup> known)
            implements GroupListener {
        @Override
        public void begun(WatchedGroup group) {
            var guarded = new GuardedGroup(group, loop);
            listener.begun(guarded);
            known.put(group, guarded); // unless the listener threw, and so is not told of the end
        }

        @Override
        public void ended(WatchedGroup group) {
            listener.ended(known.remove(group));
        }

        @Override
        public Map<String, Integer> elsewhere(GroupId group) {
            return listener.elsewhere(group);
        }
    }

    private record GuardedGroup(WatchedGroup group, EndpointThread loop) implements WatchedGroup {
        @Override
        public GroupId id() {
            return group.id();
        }

        @Override
        public Framing framing() {
            return group.framing();
        }

        @Override
        public int maxMessageSize() {
            return group.maxMessageSize();
        }

        @Override
        public int members() {
            return group.members();
        }

        @Override
        public Membership bridge(Member member) {
            loop.requireCurrent("bridge");
            return new Guarded(group.bridge(member), loop);
        }
    }
}
