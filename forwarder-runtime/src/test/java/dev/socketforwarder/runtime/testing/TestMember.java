package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A member whose peer takes as many bytes as the test allows. */
public class TestMember implements Member, GatheringByteChannel {
    public final String name;
    public final TestOwner owner;
    /** The bytes that the peer has taken. */
    public final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    /** How many more bytes the peer takes. */
    public long room = Long.MAX_VALUE;

    public boolean pausable = true;
    public boolean paused;
    public int pauses;
    public Reason closedFor;
    /** The names of the members that resumed, in order. */
    public List<String> resumed = new ArrayList<>();

    public Membership membership;
    final Consumer<Batch> publish = batch -> membership.publish(batch);
    private boolean unflushed;

    public TestMember(String name, TestOwner owner) {
        this.name = name;
        this.owner = owner;
    }

    public TestMember join(Groups groups, String group) {
        membership = ((Groups.Joined) groups.join(GroupId.of(group), this, owner)).membership();
        return this;
    }

    public void publish(String... messages) {
        var bytes = new byte[messages.length][];
        for (int i = 0; i < messages.length; i++) {
            bytes[i] = messages[i].getBytes(StandardCharsets.ISO_8859_1);
        }
        publish(bytes);
    }

    public void publish(byte[]... messages) {
        membership.publish(owner.batch(messages));
    }

    public String takenText() {
        return taken.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void deliver(Batch batch) {
        membership.queue().add(batch);
        if (!unflushed) {
            unflushed = true;
            owner.unflushed(this);
        }
    }

    public void flush() {
        unflushed = false;
        if (closedFor != null) {
            return;
        }
        try {
            membership.queue().writeTo(this);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean pausable() {
        return pausable;
    }

    @Override
    public void pause() {
        if (paused) {
            throw new IllegalStateException(name + " is paused twice");
        }
        paused = true;
        pauses++;
    }

    @Override
    public void resume() {
        if (!paused) {
            throw new IllegalStateException(name + " is resumed twice");
        }
        paused = false;
        resumed.add(name);
    }

    @Override
    public void close(Reason reason) {
        closedFor = reason;
        membership.leave(reason);
        membership.queue().clear();
    }

    @Override
    public String describe() {
        return name;
    }

    @Override
    public int write(ByteBuffer source) {
        int n = (int) Math.min(source.remaining(), room);
        var bytes = new byte[n];
        source.get(bytes);
        taken.write(bytes, 0, n);
        room -= n;
        return n;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) {
        long total = 0;
        for (int i = offset; i < offset + length; i++) {
            total += write(sources[i]);
        }
        return total;
    }

    @Override
    public long write(ByteBuffer[] sources) {
        return write(sources, 0, sources.length);
    }

    @Override
    public boolean isOpen() {
        return closedFor == null;
    }

    @Override
    public void close() {}
}
