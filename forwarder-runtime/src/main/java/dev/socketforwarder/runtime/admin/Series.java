package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.runtime.process.Histogram;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds one metric: its name, its help, and a value for each set of labels. */
final class Series {
    private final String name;
    private final String help;
    private final Map<Labels, Double> values = new LinkedHashMap<>();

    /** Begin a metric. A counter's name lacks {@code _total}, which the writer adds. */
    Series(String name, String help) {
        this.name = name;
        this.help = help;
    }

    /** Add a value; labels are names and values in turn. */
    Series add(double value, String... labels) {
        values.put(Labels.of(labels), value);
        return this;
    }

    MetricSnapshot counter() {
        var snapshot = CounterSnapshot.builder().name(name).help(help);
        values.forEach((labels, value) -> snapshot.dataPoint(
                CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
        return snapshot.build();
    }

    MetricSnapshot gauge() {
        var snapshot = GaugeSnapshot.builder().name(name).help(help);
        values.forEach((labels, value) -> snapshot.dataPoint(
                GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
        return snapshot.build();
    }

    /**
     * {@return a histogram without labels}
     *
     * @param unit what a value of the histogram is divided by
     * @param bounds upper bounds of the buckets, in the metric's unit
     */
    static MetricSnapshot histogram(String name, String help, Histogram of, double unit, double... bounds) {
        var buckets = ClassicHistogramBuckets.builder();
        long before = 0;
        for (var bound : bounds) {
            long upTo = of.atMost((long) (bound * unit));
            buckets.bucket(bound, upTo - before);
            before = upTo;
        }
        buckets.bucket(Double.POSITIVE_INFINITY, of.count() - before);
        var point = HistogramDataPointSnapshot.builder()
                .classicHistogramBuckets(buckets.build())
                .sum(of.sum() / unit)
                .build();
        return HistogramSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(point)
                .build();
    }
}
