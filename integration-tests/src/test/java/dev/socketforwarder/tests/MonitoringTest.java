package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Compares the dashboard, the alerts and the runbook with each other and with what a forwarder exposes. Where Prometheus is
 * installed, it judges them too.
 */
@Timeout(120)
class MonitoringTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path ALERTS = ROOT.resolve("monitoring/alerts.yaml");
    private static final Path TESTS_OF_ALERTS = ROOT.resolve("monitoring/alerts-test.yaml");
    private static final Path DASHBOARD = ROOT.resolve("monitoring/grafana-dashboard.json");
    private static final Path RUNBOOK = ROOT.resolve("docs/RUNBOOK.md");

    @TempDir
    private Path folder;

    private static Launch launch() {
        return Admin.enable(Launch.onFreePorts()).env("SOCKETFORWARDER_ADMIN_METRICS_GROUPS", "telemetry");
    }

    /** {@return the metrics of a forwarder that has forwarded something in a listed group} */
    private static String metricsAfterTraffic(Forwarder forwarder) {
        try (var one = forwarder.join("telemetry");
                var other = forwarder.join("telemetry");
                var admin = Admin.of(forwarder)) {
            one.send("hello");
            other.expect("hello");
            return admin.ask("GET", "/metrics", "").body();
        }
    }

    private static List<JsonNode> rules() throws IOException {
        var rules = new ArrayList<JsonNode>();
        new YAMLMapper()
                .readTree(Files.readString(ALERTS))
                .path("groups")
                .forEach(group -> group.path("rules").forEach(rules::add));
        return rules;
    }

    private static List<JsonNode> panels() throws IOException {
        return JsonMapper.shared()
                .readTree(Files.readString(DASHBOARD))
                .path("panels")
                .valueStream()
                .toList();
    }

    private static String text(JsonNode node, String... path) {
        var at = node;
        for (var name : path) {
            at = at.path(name);
        }
        return at.asString("");
    }

    @Test
    void whatDashboardAndAlertsUseIsExposed() throws IOException {
        var expressions = new ArrayList<String>();
        rules().forEach(rule -> expressions.add(text(rule, "expr")));
        panels().forEach(panel -> panel.path("targets").forEach(target -> expressions.add(text(target, "expr"))));
        assertThat(expressions).hasSizeGreaterThan(50).doesNotContain("");
        try (var forwarder = launch().start()) {
            var exposed = new Exposition(metricsAfterTraffic(forwarder));
            assertThat(expressions)
                    .allSatisfy(each -> assertThat(exposed.missing(each)).isEmpty());
            assertThat(exposed.missing("sum by (colour) (rate(no_such{a=\"b\"}[5m])) > 0.5"))
                    .containsExactly("colour", "no_such", "no_such{a=~\\Qb\\E}");
            assertThat(exposed.missing("socketforwarder_events_total{reason=~\"stalled|too-lazy\"}"))
                    .containsExactly("socketforwarder_events_total{reason=~too-lazy}");
        }
    }

    @Test
    void everyAlertIsCompleteAndHasASectionInTheRunbook() throws IOException {
        var names = new ArrayList<String>();
        assertThat(rules()).isNotEmpty().allSatisfy(rule -> {
            var name = text(rule, "alert");
            names.add(name);
            assertThat(rule.has("for")).as(name).isTrue();
            assertThat(text(rule, "labels", "severity")).as(name).isIn("warning", "critical");
            assertThat(text(rule, "annotations", "summary")).as(name).isNotEmpty();
            assertThat(text(rule, "annotations", "description")).as(name).isNotEmpty();
            assertThat(text(rule, "annotations", "runbook_url")).isEqualTo("docs/RUNBOOK.md#" + name.toLowerCase());
        });
        var sections = Files.readAllLines(RUNBOOK).stream()
                .filter(line -> line.startsWith("## "))
                .map(line -> line.substring(3));
        assertThat(sections).containsExactlyInAnyOrderElementsOf(names);
        assertThat(Files.readString(ALERTS))
                .satisfies(text -> assertThat(Pattern.compile("      # .+\n      - alert: ")
                                .matcher(text)
                                .results())
                        .as("thresholds with a comment")
                        .hasSameSizeAs(names));
    }

    @Test
    void thePanelsThatTheRunbookNamesExistAndAreTidy() throws IOException {
        var titles = new TreeSet<String>();
        panels().forEach(panel -> titles.add(text(panel, "title")));
        assertThat(titles).hasSameSizeAs(panels()).doesNotContain("");
        var named = new TreeSet<String>();
        Pattern.compile("(?:panel|row)\\s+\\*([^*]+)\\*")
                .matcher(Files.readString(RUNBOOK))
                .results()
                .forEach(found -> named.add(found.group(1)));
        assertThat(named).isNotEmpty();
        assertThat(titles).containsAll(named);
        assertThat(panels())
                .filteredOn(panel -> !text(panel, "type").equals("row"))
                .allSatisfy(panel -> {
                    assertThat(text(panel, "fieldConfig", "defaults", "unit")).isNotEmpty();
                    assertThat(text(panel, "datasource", "uid")).isEqualTo("${datasource}");
                    assertThat(panel.path("targets"))
                            .allSatisfy(
                                    target -> assertThat(text(target, "expr")).contains("instance=~\"$instance\""));
                });
    }

    @Test
    void promtoolAcceptsRulesTheirTestsAndMetrics() throws IOException, InterruptedException {
        var nothing = Path.of("/dev/null");
        runPromtool(nothing, "check", "rules", "--lint-fatal", ALERTS.toString());
        runPromtool(nothing, "test", "rules", TESTS_OF_ALERTS.toString());
        try (var forwarder = launch().start()) {
            var metrics = Files.writeString(folder.resolve("metrics.txt"), metricsAfterTraffic(forwarder));
            runPromtool(metrics, "check", "metrics");
        }
    }

    /** {@return the path of a program; without it the test is skipped} */
    private static String installed(String program) {
        var path = Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(path.isPresent(), program + " is not installed");
        return path.get().toString();
    }

    private static void runPromtool(Path input, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of(installed("promtool")));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .start();
        Launch.endWithTests(process);
        var said = Lines.of(process.getInputStream()).awaitEnd(Forwarder.LIMIT);
        assertThat(process.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        assertThat(process.exitValue()).as(command + " said " + said).isZero();
    }

    @Test
    void prometheusScrapesAForwarderAndFindsNothingToAlert() throws IOException, InterruptedException {
        var program = installed("prometheus");
        try (var forwarder = launch().start()) {
            metricsAfterTraffic(forwarder);
            var process = startPrometheus(program, forwarder);
            try {
                var listening = Lines.of(process.getInputStream())
                        .await(1, line -> line.contains("\"Listening on\""), "'Listening on'", Forwarder.LIMIT);
                var base = "http://" + listening.replaceFirst(".* address=(\\S+).*", "$1") + "/api/v1/";
                await().atMost(Forwarder.LIMIT)
                        .until(() -> value(base, "up{job=\"socketforwarder\"}").equals("1"));
                assertThat(value(base, "sum(socketforwarder_bytes_total{direction=\"out\"})"))
                        .isEqualTo("5");
                await().atMost(Forwarder.LIMIT).until(() -> states(base).equals(Set.of("ok inactive")));
            } finally {
                process.destroyForcibly().waitFor();
            }
        }
    }

    private Process startPrometheus(String program, Forwarder forwarder) throws IOException {
        var configuration = Files.writeString(folder.resolve("prometheus.yml"), """
                global: { scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }
                rule_files: ["%s"]
                scrape_configs:
                  - job_name: socketforwarder
                    static_configs: [{ targets: ["127.0.0.1:%d"] }]
                """.formatted(
                        ALERTS, forwarder.address("admin").getPort()));
        var process = new ProcessBuilder(
                        program,
                        "--config.file=" + configuration,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:0")
                .redirectErrorStream(true)
                .start();
        Launch.endWithTests(process);
        return process;
    }

    private static JsonNode asked(String url) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create(url))
                    .timeout(Forwarder.LIMIT)
                    .build();
            return JsonMapper.shared()
                    .readTree(http.send(request, BodyHandlers.ofString()).body())
                    .path("data");
        }
    }

    /** {@return the value of an expression; empty if it has none} */
    private static String value(String base, String expression) throws IOException, InterruptedException {
        var query = URLEncoder.encode(expression, StandardCharsets.UTF_8);
        return asked(base + "query?query=" + query).at("/result/0/value/1").asString("");
    }

    /** {@return health and state of all rules, as in {@code ok inactive}} */
    private static Set<String> states(String base) throws IOException, InterruptedException {
        var states = new TreeSet<String>();
        asked(base + "rules")
                .path("groups")
                .forEach(group -> group.path("rules")
                        .forEach(rule -> states.add(text(rule, "health") + " " + text(rule, "state"))));
        return states;
    }
}
