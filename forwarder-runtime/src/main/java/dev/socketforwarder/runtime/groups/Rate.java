package dev.socketforwarder.runtime.groups;

import java.util.concurrent.TimeUnit;

/**
 * Estimates how fast a count grows, from samples of it: the mean of the last few seconds, in which newer samples weigh
 * more. Sampled by one thread; any thread may read, and sees a value that may be a moment old.
 */
public final class Rate {
    private static final double WEIGHT = 0.5; // of the latest sample

    private long lastCount;
    private long lastNs;
    private boolean isBegun;
    private double perSecond;

    /** Take a sample: the count at this time. */
    public void sample(long count, long nowNs) {
        if (isBegun && nowNs > lastNs) {
            double latest = (double) (count - lastCount) * TimeUnit.SECONDS.toNanos(1) / (nowNs - lastNs);
            double mean = perSecond + WEIGHT * (latest - perSecond);
            perSecond = mean < 1e-3 ? 0 : mean; // ends at zero instead of coming ever closer
        }
        lastCount = count;
        lastNs = nowNs;
        isBegun = true;
    }

    /** {@return how much the count grows in a second; 0 before the second sample} */
    public double perSecond() {
        return perSecond;
    }
}
