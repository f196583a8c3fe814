package dev.socketforwarder.tests;

import java.util.Arrays;
import java.util.Random;

/** An endless stream of bytes that does not repeat, the same for the same seed. */
final class Noise {
    // A prime, so that no buffer's size divides it.
    private static final int PERIOD = 1_000_003;

    private final long seed;
    private final byte[] bytes = new byte[PERIOD];

    Noise(long seed) {
        this.seed = seed;
        new Random(seed).nextBytes(bytes);
    }

    /** {@return a stream that differs each time, with its seed printed} */
    static Noise random() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new Noise(seed);
    }

    /** {@return bytes from {@code position} on} */
    byte[] slice(long position, int count) {
        var slice = new byte[count];
        copy(position, slice, count);
        return slice;
    }

    void copy(long position, byte[] into, int count) {
        for (int done = 0; done < count; ) {
            int at = (int) ((position + done) % PERIOD);
            int n = Math.min(count - done, PERIOD - at);
            System.arraycopy(bytes, at, into, done, n);
            done += n;
        }
    }

    /** Check that the received bytes are those from {@code position} on. */
    void check(long position, byte[] received, int count) {
        for (int done = 0; done < count; ) {
            int at = (int) ((position + done) % PERIOD);
            int n = Math.min(count - done, PERIOD - at);
            int wrong = Arrays.mismatch(bytes, at, at + n, received, done, done + n);
            if (wrong >= 0) {
                throw new AssertionError("wrong byte at " + (position + done + wrong) + " (seed " + seed + ")");
            }
            done += n;
        }
    }
}
