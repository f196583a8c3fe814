package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.util.Arrays;
import java.util.stream.DoubleStream;

/** How long forwarders take until they are ready. */
final class Starts {
    private static final int ROUNDS = 9;
    private static final int QUICK_ROUNDS = 3;

    /** Starts a server. */
    @FunctionalInterface
    interface Start {
        Server run() throws IOException;
    }

    private Starts() {}

    /** {@return the median of the seconds that each of these takes; all take turns} */
    static double[] medians(boolean quick, Start... starts) throws IOException {
        var seconds = new double[starts.length][quick ? QUICK_ROUNDS : ROUNDS];
        for (int i = 0; i < seconds[0].length; i++) {
            for (int j = 0; j < starts.length; j++) {
                long startNs = System.nanoTime();
                try (var _ = starts[j].run()) {
                    seconds[j][i] = (System.nanoTime() - startNs) / 1e9;
                }
            }
        }
        return Arrays.stream(seconds)
                .mapToDouble(each -> Runs.median(DoubleStream.of(each)))
                .toArray();
    }
}
