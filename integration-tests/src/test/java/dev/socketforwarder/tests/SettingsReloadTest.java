package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Changes each setting of a running forwarder, and compares what happens with the table in docs/SETTINGS.md. */
@Timeout(300) // some seventy reloads, one after the other
class SettingsReloadTest {
    private static final Path PAGE = Path.of("../docs/SETTINGS.md");
    private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9.-]+)` \\| (.*?) \\| (.*?) \\| ([a-z ]+) \\|");
    private static final Pattern ITEM = Pattern.compile("(?m)^- `([a-z0-9.-]+)` \\(");

    private static final String AT_ONCE = "at once";
    private static final String NEWCOMERS = "newcomers";
    private static final String ENDPOINT = "the endpoint starts again";
    private static final String RESTART = "restart";

    /** A row of the table: a setting, two values for it, and when a change from the one to the other holds. */
    private record Row(String key, String before, String after, String holds) {}

    @TempDir
    private Path folder;

    private final Map<String, String> base = new LinkedHashMap<>();
    private final Map<String, String> values = new TreeMap<>(); // what stands for the words of the table
    private Path file;
    private Forwarder forwarder;

    @BeforeEach
    void prepare() throws IOException {
        file = folder.resolve("forwarder.yaml");
        var certificates = new Certificates(folder);
        for (var name : List.of("server", "other")) {
            certificates.issue(name);
            certificates.certificate(name, file(name + ".crt"));
            certificates.key(name, file(name + ".key"));
            restrict(file(name + ".key"));
        }
        var secrets = Map.of(
                "secret.txt", "a secret of many bytes\n",
                "token.txt", "a secret of many bytes\n",
                "seed.txt", "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY\n"); // of nobody's NKey
        for (var secret : secrets.entrySet()) {
            Files.writeString(file(secret.getKey()), secret.getValue());
            restrict(file(secret.getKey()));
        }
        values.put("SHA-256", "a".repeat(64));
        values.put("6753", Integer.toString(FreePorts.tcp("127.0.0.1")));
        values.put("6763", Integer.toString(FreePorts.tcp("127.0.0.1")));
        base.put("host-address", "127.0.0.1");
        base.put("event-loops", "2");
        base.put("max-connections", "400");
        base.put("control-socket", "off");
        base.put("log-joins", "true");
        base.put("first-message", "line");
        base.put("admin.port", "0");
        base.put("groups.lines.framing", "line");
        base.put("groups.g.match", "[g]");
        base.put("transports.tcp.port", "6753");
        base.put("transports.tls.type", "tcp");
        base.put("transports.tls.port", "0");
        base.put("transports.tls.tls.certificate", "server.crt");
        base.put("transports.tls.tls.key", "server.key");
        base.put("transports.tls.tls.client-auth", "want");
        base.put("transports.tls.tls.client-ca", "server.crt");
        base.put("transports.udp.port", "0");
        base.put("transports.nats.servers", "[\"nats://127.0.0.1:1\"]"); // nobody listens there
        base.put("transports.websocket.port", "0");
    }

    private Path file(String name) {
        var path = folder.resolve(name);
        values.put(name, path.toString());
        return path;
    }

    private static void restrict(Path path) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterEach
    void close() {
        if (forwarder != null) {
            forwarder.close();
        }
    }

    private static List<Row> rows() throws IOException {
        return ROW.matcher(Files.readString(PAGE))
                .results()
                .map(row -> new Row(row.group(1), bare(row.group(2)), bare(row.group(3)), row.group(4)))
                .toList();
    }

    private static String bare(String cell) {
        return cell.strip().replace("`", "");
    }

    @Test
    void everySettingIsInTheTable() throws IOException {
        // A map has rows for what stands in it, and the list of servers one row for all.
        var listed = ITEM.matcher(Files.readString(PAGE))
                .results()
                .map(item -> item.group(1))
                .filter(key -> !Set.of("transports", "groups", "tls", "admin.tls", "tls.key")
                        .contains(key))
                .filter(key -> !key.startsWith("connect.1."))
                .map(SettingsReloadTest::lastWord)
                .toList();
        var inTable = new TreeSet<String>();
        rows().forEach(row -> inTable.add(lastWord(row.key())));
        assertThat(listed).hasSizeGreaterThan(100);
        assertThat(inTable).containsAll(listed);
    }

    private static String lastWord(String key) {
        return key.substring(key.lastIndexOf('.') + 1);
    }

    @Test
    void eachChangeHoldsWhenTheTableSays() throws IOException {
        start(base);
        var rows = rows();
        for (var row : rows) {
            if (!row.key().endsWith(".first-message")) { // which the framed group needs as it is
                change(row);
            }
        }
        assertThat(rows).hasSizeGreaterThan(90);
    }

    @Test
    void theEndOfFirstMessagesChangesWithoutFramedGroups() throws IOException {
        base.remove("groups.lines.framing");
        base.remove("first-message");
        start(base);
        for (var row : rows()) {
            if (row.key().endsWith(".first-message")) {
                change(row);
            }
        }
    }

    private void start(Map<String, String> settings) throws IOException {
        write(settings);
        forwarder = Launch.with("--config", file.toString()).start();
        forwarder.awaitLine("ready");
    }

    /** Change one setting of a running forwarder, and take the change back. */
    private void change(Row row) throws IOException {
        var before = new LinkedHashMap<>(base);
        if (!row.before().isEmpty()) {
            before.put(row.key(), row.before());
        }
        reload(before);
        var after = new LinkedHashMap<>(before);
        if (row.after().isEmpty()) {
            after.remove(row.key());
        } else {
            if (row.key().startsWith("transports.tls.") && row.after().contains("key: ")) {
                after.remove("transports.tls.tls.key");
            }
            after.put(row.key(), row.after());
        }
        try (var member = forwarder.join("g");
                var other = forwarder.join("g")) {
            var told = reload(after);
            boolean isAgain = told.contains(" was started again");
            boolean needsRestart = told.contains("INFO  " + row.key() + " has changed, which needs a restart");
            switch (row.holds()) {
                case AT_ONCE, NEWCOMERS -> {
                    assertThat(told)
                            .as(row.toString())
                            .contains("changed: " + row.key())
                            .doesNotContain(" ERROR ");
                    assertThat(isAgain || needsRestart).as(row + ": " + told).isFalse();
                    other.send("x\n");
                    member.expect("x\n");
                }
                case ENDPOINT -> assertThat(isAgain).as(row + ": " + told).isTrue();
                case RESTART ->
                    assertThat(needsRestart && !isAgain).as(row + ": " + told).isTrue();
                default -> throw new AssertionError("a change holds " + row.holds());
            }
        }
        reload(base);
    }

    /** {@return what the log says of the reload} */
    private String reload(Map<String, String> settings) throws IOException {
        write(settings);
        int before = lines().size();
        forwarder.signal("HUP");
        await().atMost(Forwarder.LIMIT)
                .until(() -> lines().stream()
                        .skip(before)
                        .anyMatch(line -> line.contains("INFO  reloaded") || line.contains("stays as it was")));
        return lines().stream().skip(before).collect(Collectors.joining("\n"));
    }

    private List<String> lines() {
        return forwarder.err().matching(_ -> true);
    }

    /** Write settings as YAML, whose keys are in full. */
    private void write(Map<String, String> settings) throws IOException {
        var text = new StringBuilder();
        var sections = new LinkedHashMap<String, Map<String, String>>();
        settings.forEach((key, value) -> {
            int dot = key.indexOf('.');
            if (dot < 0) {
                text.append(key).append(": ").append(actual(value)).append('\n');
            } else {
                sections.computeIfAbsent(key.substring(0, dot), _ -> new LinkedHashMap<>())
                        .put(key.substring(dot + 1), value);
            }
        });
        sections.forEach((name, inner) ->
                text.append(name).append(": ").append(flow(inner)).append('\n'));
        Files.writeString(file, text);
    }

    private String flow(Map<String, String> settings) {
        var parts = new LinkedHashMap<String, Map<String, String>>();
        var text = new StringBuilder();
        settings.forEach((key, value) -> {
            int dot = key.indexOf('.');
            if (dot < 0) {
                text.append(text.isEmpty() ? "" : ", ").append(key).append(": ").append(actual(value));
            } else {
                parts.computeIfAbsent(key.substring(0, dot), _ -> new LinkedHashMap<>())
                        .put(key.substring(dot + 1), value);
            }
        });
        parts.forEach((name, inner) -> text.append(text.isEmpty() ? "" : ", ")
                .append(name)
                .append(": ")
                .append(flow(inner)));
        return "{" + text + "}";
    }

    private String actual(String value) {
        var text = value;
        for (var word : values.entrySet()) {
            text = text.replace(word.getKey(), word.getValue());
        }
        return text;
    }
}
