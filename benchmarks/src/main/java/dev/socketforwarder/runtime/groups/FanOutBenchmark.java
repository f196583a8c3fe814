package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Groups.Joined;
import dev.socketforwarder.api.Groups.Refused;
import dev.socketforwarder.api.Member;
import dev.socketforwarder.api.Membership;
import dev.socketforwarder.api.Owner;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.FlowLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to pass one read on to all members, but for the system calls. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FanOutBenchmark {
    private static final int SIZE = 128;
    /** A member that lags takes all that waits for it after so many reads. */
    private static final int LAG = 16;

    /** How many members get it. */
    @Param({"1", "20", "1000"})
    public int members;

    /** Whether they take it at once, or lag behind. */
    @Param({"false", "true"})
    public boolean lag;

    private final Block block = Block.borrowed(ByteBuffer.allocateDirect(256 * 1024));
    private final Batch batch = new Batch(block);
    private final Owner owner = Runnable::run;
    private final List<Receiver> receivers = new ArrayList<>();
    private GroupRegistry groups;
    private Membership sender;
    private int reads;

    /** Let all join. */
    @Setup
    public void prepare() {
        groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
        sender = join(new Receiver());
        for (int i = 0; i < members; i++) {
            var receiver = new Receiver();
            receiver.membership = join(receiver);
            receivers.add(receiver);
        }
    }

    private Membership join(Member member) {
        return switch (groups.join(GroupId.of("g"), member, owner)) {
            case Joined(var membership) -> membership;
            case Refused(var reason) -> throw new IllegalStateException(reason.name());
        };
    }

    /** End the registry's thread. */
    @TearDown
    public void end() {
        groups.close();
    }

    /** One read of the sender, to all others. */
    @Benchmark
    public void oneRead() throws IOException {
        boolean isTaken = !lag || ++reads % LAG == 0;
        sender.publish(batch.clear().add(0, SIZE));
        for (int i = 0; i < receivers.size(); i++) {
            receivers.get(i).flush(isTaken);
        }
        block.recycle();
    }

    /** Has a queue, and a channel that takes everything or nothing. */
    private static final class Receiver implements Member, GatheringByteChannel {
        private Membership membership;
        private boolean isTaken;

        void flush(boolean taken) throws IOException {
            isTaken = taken;
            membership.queue().writeTo(this);
        }

        @Override
        public void deliver(Batch batch) {
            membership.queue().add(batch);
        }

        @Override
        public int write(ByteBuffer bytes) {
            int length = isTaken ? bytes.remaining() : 0;
            bytes.position(bytes.position() + length);
            return length;
        }

        @Override
        public long write(ByteBuffer[] all, int offset, int count) {
            long total = 0;
            for (int i = offset; i < offset + count; i++) {
                total += write(all[i]);
            }
            return total;
        }

        @Override
        public long write(ByteBuffer[] all) {
            return write(all, 0, all.length);
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}

        @Override
        public void close(Reason reason) {
            throw new IllegalStateException("closed: " + reason);
        }

        @Override
        public String describe() {
            return "receiver";
        }
    }
}
