package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** Writes what was found: a page and its charts. */
final class Report {
    static final String PAGE = "PERFORMANCE.md";

    private final List<Comparison> comparisons = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    void add(Comparison comparison) {
        comparisons.add(comparison);
        System.out.println(table(comparison));
    }

    void add(Finding finding) {
        findings.add(finding);
        System.out.println(finding.promise() + ":\n  " + finding.found() + "\n");
    }

    /** Write the page and its charts, with a note above the figures. */
    void write(Path folder, String note) throws IOException {
        var charts = Files.createDirectories(folder.resolve("performance"));
        write(
                charts.resolve("cpu.svg"),
                "CPU of the server for each delivery, ns (less is better)",
                Result::cpuNsPerDelivery,
                _ -> true);
        write(
                charts.resolve("throughput.svg"),
                "Deliveries a second, as fast as the window allows (more is better)",
                Result::deliveriesPerSecond,
                scenario -> scenario.rate() == 0);
        write(
                charts.resolve("latency.svg"),
                "Latency at 1,000 messages a second, 99th percentile, µs (less is better)",
                result -> result.latencyUs(99),
                scenario -> scenario.rate() > 0);
        try (var template = Report.class.getResourceAsStream(PAGE)) {
            var page = new String(template.readAllBytes(), StandardCharsets.UTF_8)
                    .replace("{note}", note)
                    .replace("{date}", LocalDate.now().toString())
                    .replace("{machine}", machine())
                    .replace("{comparisons}", comparisonsText())
                    .replace("{allocation}", allocationText())
                    .replace("{promises}", promisesText());
            Files.writeString(folder.resolve(PAGE), page);
        }
    }

    private void write(Path file, String title, ToDoubleFunction<Result> figure, Predicate<Scenario> isShown)
            throws IOException {
        var chart = new Chart(title);
        for (var comparison : comparisons) {
            if (isShown.test(comparison.scenario())) {
                chart.add(comparison.scenario().name(), bars(comparison, figure));
            }
        }
        Files.writeString(file, chart.svg());
    }

    private static List<Chart.Bar> bars(Comparison comparison, ToDoubleFunction<Result> figure) {
        return comparison.rows().stream()
                .filter(row -> !row.runs().isEmpty())
                .map(row -> new Chart.Bar(
                        row.product().label(),
                        row.runs().median(figure),
                        row.runs().least(figure),
                        row.runs().most(figure),
                        row.product().isForwarder()))
                .toList();
    }

    private static String machine() throws IOException {
        var processor = Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                .filter(line -> line.startsWith("model name"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(System.getProperty("os.arch"));
        return "%d processors (%s), %s %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        processor,
                        System.getProperty("os.name"),
                        System.getProperty("os.version").split("-")[0],
                        Runtime.version().feature());
    }

    private String comparisonsText() {
        var text = new StringBuilder();
        for (var comparison : comparisons) {
            text.append(table(comparison)).append('\n');
        }
        return text.toString().stripTrailing();
    }

    private static String table(Comparison comparison) {
        boolean paced = comparison.scenario().rate() > 0;
        var text = new StringBuilder("### " + comparison.scenario().name() + "\n\n"
                + comparison.scenario().describe() + ".\n\n"
                + "| | CPU for each delivery, ns | "
                + (paced ? "latency p50, µs | p99 | p99.9 | largest" : "deliveries/s")
                + " | lost | resident, MB |\n|---|---:|" + (paced ? "---:|---:|---:|---:|" : "---:|") + "---:|---:|\n");
        for (var row : comparison.rows()) {
            text.append(line(row, paced));
        }
        return text.toString();
    }

    private static String line(Row row, boolean paced) {
        var label = row.product().label();
        if (row.runs().isEmpty()) {
            return "| %s | failed: %s |\n".formatted(label, row.failure());
        }
        var speed = paced
                ? "%s | %s | %s | %s"
                        .formatted(
                                range(row.runs(), result -> result.latencyUs(50)),
                                range(row.runs(), result -> result.latencyUs(99)),
                                range(row.runs(), result -> result.latencyUs(99.9)),
                                range(row.runs(), result -> result.latencyUs(100)))
                : range(row.runs(), Result::deliveriesPerSecond);
        var lost = String.format(Locale.ROOT, "%.2f %%", row.runs().median(Result::lostPercent));
        var notes = (row.faults() > 0 ? ", " + row.faults() + " disordered or damaged" : "")
                + (row.failure().isEmpty() ? "" : ", then failed: " + row.failure());
        return String.format(
                Locale.ROOT,
                "| %s | %s | %s | %s%s | %.0f |%n",
                label,
                range(row.runs(), Result::cpuNsPerDelivery),
                speed,
                lost,
                notes,
                row.residentMb());
    }

    /** {@return the median, and the range that it comes from} */
    private static String range(Runs runs, ToDoubleFunction<Result> figure) {
        return String.format(
                Locale.ROOT, "**%,.0f** (%,.0f–%,.0f)", runs.median(figure), runs.least(figure), runs.most(figure));
    }

    private String allocationText() {
        var text = new StringBuilder("| scenario | bytes for each message |\n|---|---:|\n");
        for (var comparison : comparisons) {
            forwarder(comparison)
                    .ifPresent(row -> text.append(String.format(
                            Locale.ROOT,
                            "| %s | %.2f |%n",
                            comparison.scenario().name(),
                            row.allocatedPerMessage())));
        }
        return text.toString().stripTrailing();
    }

    private static Optional<Row> forwarder(Comparison comparison) {
        return comparison.rows().stream()
                .filter(row -> row.product() == Product.FORWARDER && !row.runs().isEmpty())
                .findFirst();
    }

    private String promisesText() {
        var text = new StringBuilder("| promise | found |\n|---|---|\n");
        for (var finding : findings) {
            text.append("| %s | %s |\n".formatted(finding.promise(), finding.found()));
        }
        return text.toString().stripTrailing();
    }
}
