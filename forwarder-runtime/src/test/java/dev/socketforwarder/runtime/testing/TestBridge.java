package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.GroupListener;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.WatchedGroup;
import dev.socketforwarder.api.buffer.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A bridge into every group, whose members take what the test allows, and a record of what it was told in order. */
public class TestBridge implements GroupListener {
    public final TestOwner owner;
    public final List<String> told = new ArrayList<>();
    /** The bridge's member in each group that has not ended. */
    public final Map<WatchedGroup, TestMember> members = new HashMap<>();

    /** The watch, from {@link #watch(Groups)} on. */
    public Groups.Watch watch;
    /** What the members of a bridge answer. */
    public boolean pausable;

    public TestBridge(TestOwner owner) {
        this.owner = owner;
    }

    /** Watch these groups. */
    public TestBridge watch(Groups groups) {
        watch = groups.watch(this, owner);
        return this;
    }

    @Override
    public void begun(WatchedGroup group) {
        told.add("begun " + group.id());
        var member = new TestMember("bridge", owner) {
            @Override
            public void deliver(Batch batch) {
                told.add(batch.bytes() + " bytes of " + group.id());
                super.deliver(batch);
            }
        };
        member.pausable = pausable;
        member.membership = group.bridge(member);
        members.put(group, member);
    }

    @Override
    public void ended(WatchedGroup group) {
        told.add("ended " + group.id());
        members.remove(group);
    }

    /** {@return the member in the only group of this name} */
    public TestMember in(String name) {
        return members.entrySet().stream()
                .filter(entry -> entry.getKey().id().equals(GroupId.of(name)))
                .findFirst()
                .orElseThrow()
                .getValue();
    }
}
