package dev.socketforwarder.runtime.process;

import java.util.Arrays;

/**
 * Counts values in buckets whose bounds grow by about a fifth each, so that a quantile is exact to a tenth. One thread
 * counts; any thread may read, and sees values that may be a moment old.
 */
public final class Histogram {
    private static final int PARTS = 4; // buckets of each power of two
    private static final int BUCKETS = PARTS * Long.SIZE;

    private final long[] counts = new long[BUCKETS];
    private long count;
    private long sum;

    /** Count a value; a negative one counts as 0. */
    public void add(long value) {
        long positive = Math.max(0, value);
        counts[bucket(positive)]++;
        sum += positive;
        count++;
    }

    /** {@return a copy, which does not change any more} */
    public Histogram copy() {
        return new Histogram().plus(this);
    }

    /** Add all that another histogram has counted. */
    public Histogram plus(Histogram other) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        sum += other.sum;
        return this;
    }

    /** Take away what an earlier copy had counted. */
    public Histogram minus(Histogram earlier) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] = Math.max(0, counts[i] - earlier.counts[i]);
        }
        count = Arrays.stream(counts).sum();
        sum -= earlier.sum;
        return this;
    }

    /** {@return how many values were counted} */
    public long count() {
        return count;
    }

    /** {@return the sum of all values} */
    public long sum() {
        return sum;
    }

    /** {@return how many values were at most this large, to the exactness of a bucket} */
    public long atMost(long bound) {
        long total = 0;
        for (int i = 0; i < BUCKETS && upper(i) <= bound; i++) {
            total += counts[i];
        }
        return total;
    }

    /**
     * {@return the value that this share of all values do not exceed; 0 if none was counted}
     *
     * @param share from 0 to 1
     */
    public long quantile(double share) {
        long left = (long) Math.ceil(share * count);
        for (int i = 0; i < BUCKETS; i++) {
            left -= counts[i];
            if (left <= 0 && counts[i] > 0) {
                return upper(i);
            }
        }
        return 0;
    }

    private static int bucket(long value) {
        if (value < PARTS) {
            return (int) value;
        }
        int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(value); // 2 or more
        int part = (int) (value >>> power - 2) & PARTS - 1;
        return (power - 1) * PARTS + part;
    }

    /** {@return the largest value of a bucket} */
    private static long upper(int bucket) {
        if (bucket < PARTS) {
            return bucket;
        }
        int power = bucket / PARTS + 1;
        int part = bucket % PARTS;
        return power >= Long.SIZE - 1 ? Long.MAX_VALUE : (1L << power) + (part + 1L << power - 2) - 1;
    }
}
