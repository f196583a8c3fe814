package dev.socketforwarder.benchmarks.load;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one server showed in one scenario.
 *
 * @param results one for each round
 * @param residentMb after the last round
 * @param allocatedPerMessage bytes on the heap for each message sent, of the forwarder alone; else 0
 * @param failure empty, or why there are no more results
 */
record Row(Product product, List<Result> results, double residentMb, double allocatedPerMessage, String failure) {

    Row {
        results = List.copyOf(results);
    }

    double median(ToDoubleFunction<Result> figure) {
        var sorted = results.stream().mapToDouble(figure).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    double least(ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure).min().orElseThrow();
    }

    double most(ToDoubleFunction<Result> figure) {
        return results.stream().mapToDouble(figure).max().orElseThrow();
    }

    /** {@return how often something was out of order or damaged} */
    long faults() {
        return results.stream()
                .mapToLong(result -> result.disordered() + result.damaged())
                .sum();
    }
}
