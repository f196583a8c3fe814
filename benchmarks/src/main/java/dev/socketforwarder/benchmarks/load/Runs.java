package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What one load found in the rounds that count.
 *
 * @param results one for each round
 */
record Runs(List<Result> results) {

    Runs {
        results = List.copyOf(results);
    }

    /** Let loads run in turn, round by round, so that what else the machine does meanwhile troubles all of them alike. */
    static List<Runs> inTurn(Comparison.Rounds rounds, Load... loads) throws IOException {
        var results = Stream.of(loads)
                .map(_ -> (List<Result>) new ArrayList<Result>())
                .toList();
        for (int i = 0; i < rounds.warmUps() + rounds.counted(); i++) {
            for (int j = 0; j < loads.length; j++) {
                var result = loads[j].run();
                if (i >= rounds.warmUps()) {
                    results.get(j).add(result);
                }
            }
        }
        return results.stream().map(Runs::new).toList();
    }

    /** {@return the median of at least one value} */
    static double median(DoubleStream values) {
        var sorted = values.sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    boolean isEmpty() {
        return results.isEmpty();
    }

    double median(ToDoubleFunction<Result> figure) {
        return median(all(figure));
    }

    double least(ToDoubleFunction<Result> figure) {
        return all(figure).min().orElseThrow();
    }

    double most(ToDoubleFunction<Result> figure) {
        return all(figure).max().orElseThrow();
    }

    long sum(ToLongFunction<Result> figure) {
        return results.stream().mapToLong(figure).sum();
    }

    private DoubleStream all(ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure);
    }
}
