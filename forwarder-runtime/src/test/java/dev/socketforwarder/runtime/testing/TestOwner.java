package dev.socketforwarder.runtime.testing;

import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.kit.TaskQueue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Owns members as an event loop does. Either the test calls {@link #turn}, or a separate thread makes the turns. */
public final class TestOwner implements Owner, AutoCloseable {
    private static final int BLOCK_BYTES = 256 * 1024;

    private final Semaphore wakeups = new Semaphore(0);
    private final TaskQueue tasks = new TaskQueue(wakeups::release);
    private final ByteBuffer read = ByteBuffer.allocateDirect(BLOCK_BYTES);
    private final Block block = Block.borrowed(read);
    private final Batch batch = new Batch(block);
    private final Batch bare = new Batch(block, Batch.Form.MESSAGES);
    private final List<TestMember> unflushed = new ArrayList<>();
    private final List<Runnable> atTurnsEnd = new ArrayList<>();
    private int filled;
    private Deframer.Result result;
    private Thread thread;

    /** Start a thread that makes the turns. */
    public TestOwner started(String name) {
        thread = Thread.ofPlatform().name(name).daemon().start(() -> {
            try {
                while (true) {
                    wakeups.acquire();
                    turn();
                }
            } catch (InterruptedException _) {
                // The test has ended.
            }
        });
        return this;
    }

    @Override
    public void execute(Runnable task) {
        tasks.execute(task);
    }

    /** Run a task on the owner's thread, and wait until the turn has ended. */
    public void run(Runnable task) {
        var done = new CompletableFuture<Void>();
        execute(() -> {
            try {
                task.run();
                atTurnsEnd.add(() -> done.complete(null));
            } catch (RuntimeException | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        if (thread == null) {
            turn();
        }
        done.orTimeout(20, TimeUnit.SECONDS).join();
    }

    /** Make one turn: run the waiting tasks, and then flush all members that received something. */
    public void turn() {
        tasks.drain(1_000);
        flush();
        atTurnsEnd.forEach(Runnable::run);
        atTurnsEnd.clear();
    }

    void unflushed(TestMember member) {
        unflushed.add(member);
    }

    /** {@return a batch with framed messages, which the caller must publish at once} */
    public Batch batch(byte[]... messages) {
        return fill(batch, messages);
    }

    /** {@return a batch with bare messages, which the caller must publish at once} */
    Batch bare(byte[]... messages) {
        return fill(bare, messages);
    }

    private Batch fill(Batch batch, byte[]... messages) {
        if (filled + Arrays.stream(messages).mapToInt(message -> message.length).sum() > BLOCK_BYTES) {
            flush();
        }
        batch.clear();
        for (var message : messages) {
            read.put(filled, message);
            batch.add(filled, message.length);
            filled += message.length;
        }
        return batch;
    }

    /** Receive bytes from a member's stream. {@return whether the member may go on} */
    public boolean receive(TestMember member, byte[] bytes, int from, int length) {
        var deframer = member.membership.deframer();
        if (filled + deframer.gap() + length > BLOCK_BYTES) {
            flush();
        }
        int start = filled + deframer.gap();
        read.put(start, bytes, from, length);
        filled = start + length;
        result = deframer.accept(batch, start, length, member.publish);
        return result == Deframer.Result.TAKEN;
    }

    /** {@return why the last member that may not go on must be closed} */
    public Reason refusal() {
        return result == Deframer.Result.TOO_LARGE ? Reason.MESSAGE_TOO_LARGE : Reason.OUT_OF_QUEUE;
    }

    public void flush() {
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
        block.recycle();
        filled = 0;
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
