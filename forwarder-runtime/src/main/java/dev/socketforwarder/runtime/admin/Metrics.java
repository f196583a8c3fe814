package dev.socketforwarder.runtime.admin;

import com.sun.net.httpserver.HttpExchange;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/**
 * Makes the metrics in the form that the reader asks for: OpenMetrics, or the older text form of Prometheus. Each request makes
 * the metrics from the counters, so they cost nothing until then.
 */
public final class Metrics {
    private final ForwarderMetrics ofForwarder;
    private final ProcessMetrics ofProcess = new ProcessMetrics();

    public Metrics(ForwarderMetrics ofForwarder) {
        this.ofForwarder = ofForwarder;
    }

    /** {@return the metrics of this moment} */
    Reply.Body body(HttpExchange exchange) throws IOException {
        var accept = exchange.getRequestHeaders().getFirst("Accept");
        var openMetrics = OpenMetricsTextFormatWriter.create();
        var writer = accept != null && openMetrics.accepts(accept) ? openMetrics : PrometheusTextFormatWriter.create();
        var all = MetricSnapshots.builder();
        ofForwarder.collect().forEach(all::metricSnapshot);
        ofProcess.collect().forEach(all::metricSnapshot);
        var out = new ByteArrayOutputStream();
        writer.write(out, all.build());
        return new Reply.Body(200, writer.getContentType(), out.toByteArray());
    }
}
