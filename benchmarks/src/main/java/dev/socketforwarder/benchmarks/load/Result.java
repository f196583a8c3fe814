package dev.socketforwarder.benchmarks.load;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What a run found.
 *
 * @param seconds from the first message sent to the last received
 * @param sent how many messages
 * @param delivered how often one reached a receiver
 * @param lost how often one did not
 * @param disordered how often one came after a later one of its sender, or twice
 * @param damaged how often something came that is no message
 * @param cpuSeconds of the server
 * @param latencyNs from when a message was due (with a window: was sent) to when it was read
 */
record Result(
        double seconds,
        long sent,
        long delivered,
        long lost,
        long disordered,
        long damaged,
        double cpuSeconds,
        Histogram latencyNs) {

    double deliveriesPerSecond() {
        return delivered / seconds;
    }

    double cpuNsPerDelivery() {
        return cpuSeconds * 1e9 / delivered;
    }

    double latencyUs(double percentile) {
        return latencyNs.getValueAtPercentile(percentile) / 1e3;
    }

    double lostPercent() {
        return 100.0 * lost / (delivered + lost);
    }

    /** {@return whether all came, whole and in order} */
    boolean isClean() {
        return lost == 0 && disordered == 0 && damaged == 0;
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%.3f s, %d sent, %d delivered (%.0f/s), lost %d, disordered %d, damaged %d, cpu %.2f s (%.0f ns each), "
                        + "us p50 %.1f p90 %.1f p99 %.1f p99.9 %.1f max %.1f",
                seconds,
                sent,
                delivered,
                deliveriesPerSecond(),
                lost,
                disordered,
                damaged,
                cpuSeconds,
                cpuNsPerDelivery(),
                latencyUs(50),
                latencyUs(90),
                latencyUs(99),
                latencyUs(99.9),
                latencyUs(100));
    }
}
