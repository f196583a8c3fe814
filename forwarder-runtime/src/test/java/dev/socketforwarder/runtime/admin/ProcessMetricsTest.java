package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.process.Descriptors;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import org.junit.jupiter.api.Test;

class ProcessMetricsTest {
    private final ProcessMetrics metrics = new ProcessMetrics();

    @Test
    void theHeapAndItsLimitAreTold() {
        assertThat(gauge("jvm_memory_max_bytes")).isEqualTo(Runtime.getRuntime().maxMemory());
        assertThat(gauge("jvm_memory_used_bytes")).isPositive().isLessThan(gauge("jvm_memory_max_bytes"));
    }

    @Test
    void openFilesAndTheirLimitAreTold() {
        assertThat(gauge("process_max_fds")).isEqualTo(Descriptors.limit().orElseThrow());
        assertThat(gauge("process_open_fds")).isPositive().isLessThan(gauge("process_max_fds"));
    }

    private double gauge(String name) {
        return metrics.collect().stream()
                .filter(each -> each.getMetadata().getName().equals(name))
                .map(GaugeSnapshot.class::cast)
                .map(each -> each.getDataPoints().getFirst().getValue())
                .findFirst()
                .orElseThrow();
    }
}
