package dev.socketforwarder.testkit;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Backlog;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Batch.Form;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Encoding;
import dev.socketforwarder.api.buffer.Memory;
import dev.socketforwarder.api.buffer.OutboundQueue;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Records what a transport does with one membership. Through this class, a test also plays the runtime's part. */
public final class ScriptedMembership implements Membership, OutboundQueue.Listener {
    private final ScriptedGroups groups;
    private final GroupId group;
    private final Optional<Member> member; // empty if this membership only publishes
    private final Owner owner;
    private final Backlog backlog;
    private final OutboundQueue queue;
    private final Deframer deframer;
    private final ByteArrayOutputStream published = new ByteArrayOutputStream(); // thread-safe
    private volatile boolean left;
    private volatile boolean full;
    private volatile boolean pretendsFull;
    private boolean wantsPause; // guarded by the groups' pacing
    private boolean paused; // used on the owner's thread
    private boolean inCall; // used on the owner's thread; the member's code is running, and must not leave

    ScriptedMembership(ScriptedGroups groups, GroupId group, Optional<Member> member, Owner owner) {
        this.groups = groups;
        this.group = group;
        this.member = member;
        this.owner = owner;
        this.backlog = new Backlog(groups.memory());
        this.queue = new OutboundQueue(groups.limits(), backlog, this, System::nanoTime);
        this.deframer =
                new Deframer(groups.framing(), groups.maxMessageSize(), groups.memory(), () -> {}, System::nanoTime);
    }

    /**
     * {@return the group of this membership}
     */
    public GroupId group() {
        return group;
    }

    /** {@return the member's encoding; empty if it has none} */
    Optional<Encoding> encoding() {
        return member.flatMap(Member::encoding);
    }

    /**
     * {@return the bytes that the member has published so far; thread-safe}
     */
    public byte[] published() {
        return published.toByteArray();
    }

    /**
     * {@return how many bytes the member has published so far; thread-safe}
     */
    public int publishedBytes() {
        return published.size();
    }

    /**
     * {@return whether the member has left; thread-safe}
     */
    public boolean hasLeft() {
        return left;
    }

    /**
     * Deliver bytes on the owner's thread, as if a member of another owner had sent them. Returns after the delivery.
     *
     * @param bytes the bytes; one message if the transport has messages
     */
    public void deliver(byte[] bytes) {
        var from = new Backlog(groups.memory());
        var read = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
        var form = encoding().isPresent() ? Form.MESSAGES : form();
        var batch = new Batch(Block.borrowed(read), form).add(0, bytes.length);
        takeLater(from.keep(batch));
        from.close();
        await(() -> {});
    }

    /**
     * Pretend that the member is full or has room again, so that the other members of its group pause or resume. Thread-safe.
     *
     * @param isFull whether the member pretends to be full
     */
    public void pretendFull(boolean isFull) {
        pretendsFull = isFull;
        groups.pace(group);
    }

    /**
     * Pause or resume the member on the owner's thread. Returns after the member has been called.
     *
     * @param pause true to pause, false to resume
     */
    public void pause(boolean pause) {
        await(() -> apply(pause));
    }

    /**
     * Close the member on the owner's thread, as the runtime closes a stalled member. Returns after the member has been called.
     *
     * @param reason why the member is closed
     */
    public void close(Reason reason) {
        await(() -> {
            if (!left) {
                guarded("close", () -> member.ifPresent(one -> one.close(reason)));
                if (!left) {
                    groups.broken(Promise.CLOSED.broken("the member is still in its group"));
                }
            }
        });
    }

    /**
     * {@return the text by which the member describes itself, obtained on the owner's thread}
     */
    public String describe() {
        var text = new String[1];
        await(() -> text[0] = member.map(Member::describe).orElse("publisher"));
        return text[0];
    }

    /**
     * Run a task on the owner's thread. Returns after the task has run.
     *
     * @param task the task
     */
    public void await(Runnable task) {
        var done = new CountDownLatch(1);
        execute(() -> {
            task.run();
            done.countDown();
        });
        try {
            if (!done.await(groups.waiting().limit().toMillis(), TimeUnit.MILLISECONDS)) {
                groups.verify();
                throw Promise.MEMBER_RETURNS.broken("the owner's thread did not run the next task, for "
                        + groups.waiting().limit().toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    void execute(Runnable task) {
        owner.execute(() -> {
            groups.threads().ran(owner);
            task.run();
        });
    }

    boolean publishesOnly() {
        return member.isEmpty();
    }

    Owner owner() {
        return owner;
    }

    Backlog backlog() {
        return backlog;
    }

    boolean isFull() {
        return full || pretendsFull;
    }

    private Form form() {
        return member.map(Member::form).orElse(Form.STREAM);
    }

    /** Receive a batch that another member of the same owner published. */
    void take(Batch batch) {
        member.filter(_ -> !left)
                .ifPresent(one -> guarded("deliver", () -> {
                    var fitting = groups.converted(batch, one, this);
                    one.deliver(fitting);
                    if (fitting != batch && one.form() == Form.STREAM) {
                        fitting.release();
                    }
                }));
    }

    /** Receive a batch on the owner's thread, and release the batch afterwards. */
    void takeLater(Batch mine) {
        execute(() -> {
            take(mine);
            mine.clear(); // a member that keeps the batch against the rules finds nothing in it
            mine.release();
        });
    }

    /** Pause or resume the member on its owner's thread, unless the member is in that state already. */
    void pauseFor(boolean pause) {
        if (pause != wantsPause && member.isPresent()) {
            wantsPause = pause;
            execute(() -> apply(pause));
        }
    }

    private void apply(boolean pause) {
        if (pause == paused || left) {
            return;
        }
        paused = pause;
        member.filter(Member::pausable).ifPresent(one -> {
            if (pause) {
                guarded("pause", one::pause);
            } else {
                guarded("resume", one::resume);
            }
        });
    }

    private void guarded(String call, Runnable action) {
        inCall = !call.equals("close");
        try {
            action.run();
        } catch (RuntimeException e) {
            groups.broken(Promise.MEMBER_RETURNS.broken(call + "() threw " + e, e));
        } finally {
            inCall = false;
        }
    }

    @Override
    public void publish(Batch batch) {
        groups.threads().called(owner, Promise.MEMBERSHIP_ON_OWNER, "Membership.publish");
        if (left) {
            return;
        }
        var bytes = batch.block().bytes();
        for (int i = 0; i < batch.count(); i++) {
            var copy = new byte[batch.length(i)];
            bytes.get(batch.offset(i), copy);
            published.writeBytes(copy);
        }
        groups.deliver(this, batch);
    }

    @Override
    public OutboundQueue queue() {
        return queue;
    }

    @Override
    public Deframer deframer() {
        return deframer;
    }

    @Override
    public int largestMessage() {
        return groups.maxMessageSize();
    }

    @Override
    public Memory memory() {
        return groups.memory();
    }

    @Override
    public Rates rates() {
        return Rates.UNLIMITED;
    }

    @Override
    public Optional<ByteBuffer> joinReply() {
        return Optional.empty();
    }

    @Override
    public void leave(Reason reason) {
        groups.threads().called(owner, Promise.MEMBERSHIP_ON_OWNER, "Membership.leave");
        if (inCall) {
            groups.broken(Promise.MEMBER_STAYS.broken("the member left within a call"));
        }
        if (!left) {
            left = true;
            deframer.end();
            backlog.close();
            groups.tell(group);
            groups.pace(group);
        }
    }

    @Override
    public void full() {
        full = true;
        groups.pace(group);
    }

    @Override
    public void overflowed() {}

    @Override
    public void emptied() {}

    @Override
    public void drained() {
        full = false;
        groups.pace(group);
    }

    @Override
    public String toString() {
        return "member of " + group;
    }
}
