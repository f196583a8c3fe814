package dev.socketforwarder.runtime.groups;

import dev.socketforwarder.api.buffer.Batch;
import dev.socketforwarder.api.buffer.Block;
import dev.socketforwarder.api.buffer.Deframer;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.memory.QueueMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to find the messages in one read of a stream. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FramingBenchmark {
    private static final int LARGEST = 1 << 20;
    private static final int BLOCK = 256 * 1024;

    /** How messages are framed. */
    public enum Kind {
        /** Line feeds. */
        LINE(Framing.LINE),
        /** Two bytes. */
        DELIMITER(Framing.delimiter(new byte[] {'\r', '\n'})),
        /** A length of four bytes. */
        LENGTH(Framing.lengthPrefixed(4, ByteOrder.BIG_ENDIAN)),
        /** None: what it costs to look for nothing. */
        RAW(Framing.RAW);

        private final Framing framing;

        Kind(Framing framing) {
            this.framing = framing;
        }
    }

    /** The framing. */
    @Param
    public Kind kind;

    /** Bytes of a message, with its frame. */
    @Param({"128", "4096"})
    public int size;

    /** Bytes of a read; when it is no multiple of the size, a message is cut in two, by this read and the next. */
    @Param({"16384", "16001"})
    public int read;

    private final ByteBuffer stream = ByteBuffer.allocateDirect(BLOCK);
    private final ByteBuffer memory = ByteBuffer.allocateDirect(BLOCK);
    private final Block block = Block.borrowed(memory);
    private final Batch batch = new Batch(block);
    private final Taker taker = new Taker();
    private Deframer deframer;
    private int at;

    /** Write a stream whose end fits its begin. */
    @Setup
    public void prepare() {
        deframer = new Deframer(
                kind.framing, LARGEST, new QueueMemory(Long.MAX_VALUE / 2, _ -> {}), () -> {}, System::nanoTime);
        for (int i = 0; i < BLOCK; i++) {
            stream.put(i, (byte) 'x');
        }
        for (int i = 0; i < BLOCK; i += size) {
            switch (kind) {
                case LINE -> stream.put(i + size - 1, (byte) '\n');
                case DELIMITER -> stream.put(i + size - 2, (byte) '\r').put(i + size - 1, (byte) '\n');
                case LENGTH -> stream.putInt(i, size - Integer.BYTES);
                case RAW -> {}
            }
        }
    }

    /** One read, copied to the block as the kernel would. */
    @Benchmark
    public long oneRead() {
        int start = deframer.gap();
        int length = Math.min(read, BLOCK - at);
        memory.put(start, stream, at, length);
        at = (at + length) % BLOCK;
        if (deframer.accept(batch, start, length, taker) != Deframer.Result.TAKEN) {
            throw new IllegalStateException("a message was too large");
        }
        block.recycle();
        return taker.bytes;
    }

    /** Counts what it is given. */
    private static final class Taker implements Consumer<Batch> {
        private long bytes;

        @Override
        public void accept(Batch batch) {
            bytes += batch.bytes();
        }
    }
}
