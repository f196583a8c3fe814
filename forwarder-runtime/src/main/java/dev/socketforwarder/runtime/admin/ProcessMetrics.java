package dev.socketforwarder.runtime.admin;

import dev.socketforwarder.runtime.process.Descriptors;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Makes metrics of the process and its JVM, under the names that Prometheus's own client libraries use. */
final class ProcessMetrics {
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final double MILLIS = 1e3;

    List<MetricSnapshot> collect() {
        var all = new ArrayList<MetricSnapshot>();
        addMemory(all);
        addCollections(all);
        var runtime = ManagementFactory.getRuntimeMXBean();
        all.add(new Series("process_start_time_seconds", "When the process started, in seconds since 1970.")
                .add(runtime.getStartTime() / MILLIS)
                .gauge());
        ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .ifPresent(
                        nanos -> all.add(new Series("process_cpu_seconds", "Processor time that the process has used.")
                                .add(nanos / 1e9)
                                .counter()));
        addFiles(all);
        all.add(new Series("jvm_threads_current", "Platform threads now.")
                .add(ManagementFactory.getThreadMXBean().getThreadCount())
                .gauge());
        return all;
    }

    private static void addFiles(List<MetricSnapshot> all) {
        try (var files = Files.list(OPEN_FILES)) {
            all.add(new Series("process_open_fds", "Open files and sockets.")
                    .add(files.count())
                    .gauge());
        } catch (IOException _) {
            // Not Linux.
        }
        Descriptors.limit()
                .ifPresent(most -> all.add(new Series("process_max_fds", "The most open files and sockets (ulimit -n).")
                        .add(most)
                        .gauge()));
    }

    private static void addMemory(List<MetricSnapshot> all) {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        all.add(new Series("jvm_memory_used_bytes", "Used bytes of the JVM's memory.")
                .add(heap.getUsed(), "area", "heap")
                .gauge());
        all.add(new Series("jvm_memory_max_bytes", "The most bytes of the JVM's memory (-Xmx).")
                .add(heap.getMax(), "area", "heap")
                .gauge());
        addPools(all);
    }

    private static void addPools(List<MetricSnapshot> all) {
        var used = new Series("jvm_memory_pool_used_bytes", "Used bytes of a memory pool of the JVM.");
        var max = new Series("jvm_memory_pool_max_bytes", "The most bytes of a memory pool; -1 if there is no limit.");
        for (var pool : ManagementFactory.getMemoryPoolMXBeans()) {
            used.add(pool.getUsage().getUsed(), "pool", pool.getName());
            max.add(pool.getUsage().getMax(), "pool", pool.getName());
        }
        all.add(used.gauge());
        all.add(max.gauge());
        var buffers = new Series("jvm_buffer_pool_used_bytes", "Memory outside the heap that buffers hold.");
        for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            buffers.add(pool.getMemoryUsed(), "pool", pool.getName());
        }
        all.add(buffers.gauge());
    }

    private static void addCollections(List<MetricSnapshot> all) {
        var times = new Series("jvm_gc_collections", "Garbage collections.");
        var seconds = new Series("jvm_gc_collection_seconds", "Time spent on garbage collections.");
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            times.add(Math.max(0, collector.getCollectionCount()), "gc", collector.getName());
            seconds.add(Math.max(0, collector.getCollectionTime()) / MILLIS, "gc", collector.getName());
        }
        all.add(times.counter());
        all.add(seconds.counter());
    }
}
