package dev.socketforwarder.testkit;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Plays a member of another endpoint, on a thread of its own: sends what the test says, and records what arrives. For tests of
 * bridges. Thread-safe.
 */
public final class LocalMember implements AutoCloseable {
    private final ScriptedGroups groups;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("local-member").daemon().factory());
    private final Owner owner = thread::execute;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream(); // thread-safe
    private volatile Membership membership;

    LocalMember(ScriptedGroups groups, GroupId group) {
        this.groups = groups;
        run(() -> membership = switch (groups.join(group, new Recorder(), owner)) {
            case Joined joined -> joined.membership();
            case Refused refused -> throw new IllegalStateException("the groups refuse: " + refused.reason());
        });
    }

    private final class Recorder implements Member {
        @Override
        public void deliver(Batch batch) {
            for (int i = 0; i < batch.count(); i++) {
                var copy = new byte[batch.length(i)];
                batch.block().bytes().get(batch.offset(i), copy);
                received.writeBytes(copy);
            }
        }

        @Override
        public boolean pausable() {
            return false;
        }

        @Override
        public void close(Reason reason) {
            membership.leave(reason);
        }

        @Override
        public String describe() {
            return "local member";
        }
    }

    /**
     * Publish bytes to the group. Returns after they were handed over.
     *
     * @param bytes whole messages in the group's framing; any bytes if the group is raw
     */
    public void send(byte[] bytes) {
        var block = Block.borrowed(ByteBuffer.allocateDirect(bytes.length).put(0, bytes));
        run(() -> membership.publish(new Batch(block).add(0, bytes.length)));
    }

    /**
     * {@return the bytes that have arrived so far}
     */
    public byte[] received() {
        return received.toByteArray();
    }

    /** Leave the group. */
    @Override
    public void close() {
        run(() -> membership.leave(Reason.PEER_CLOSED));
        thread.shutdown();
    }

    private void run(Runnable task) {
        Future<?> done = thread.submit(task);
        try {
            done.get(groups.waiting().limit().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
