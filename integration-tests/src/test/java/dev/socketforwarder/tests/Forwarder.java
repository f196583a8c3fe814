package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** A running {@code bin/socketforwarder}, which {@link #close} kills at the latest. */
final class Forwarder implements AutoCloseable {
    /** The longest wait for anything that should happen at once. */
    static final Duration LIMIT = Duration.ofSeconds(30);

    private static final Pattern LISTENING = Pattern.compile("([a-z0-9-]+) listening on (\\S+):([0-9]+)");

    private final Process process;
    private final List<Path> files;
    private final Lines out;
    private final Lines err;

    Forwarder(Process process, List<Path> files) {
        this.process = process;
        this.files = files;
        this.out = Lines.of(process.getInputStream());
        this.err = Lines.of(process.getErrorStream());
    }

    void awaitListening() {
        err.await(
                1,
                line -> line.endsWith(" ready") || line.contains("\"ready\""),
                "a line that says that it is ready",
                LIMIT);
    }

    /** {@return the lines of standard output} */
    Lines out() {
        return out;
    }

    /** {@return the lines of standard error, the log} */
    Lines err() {
        return err;
    }

    /** {@return the first address that an endpoint listens on} */
    InetSocketAddress address(String endpoint) {
        return address(endpoint, 1);
    }

    /** {@return the {@code n}th address that an endpoint listens on} */
    InetSocketAddress address(String endpoint, int n) {
        Predicate<String> wanted = line -> {
            var matcher = LISTENING.matcher(line);
            return matcher.find() && matcher.group(1).equals(endpoint);
        };
        var matcher = LISTENING.matcher(err.await(n, wanted, "'" + endpoint + " listening on'", LIMIT));
        assertThat(matcher.find()).isTrue();
        var host = matcher.group(2).replaceAll("[\\[\\]]", "");
        var reachable = switch (host) {
            case "0.0.0.0" -> "127.0.0.1";
            case "0:0:0:0:0:0:0:0", "::" -> "::1";
            default -> host;
        };
        return new InetSocketAddress(reachable, Integer.parseInt(matcher.group(3)));
    }

    InetSocketAddress tcp() {
        return address("tcp");
    }

    InetSocketAddress udp() {
        return address("udp");
    }

    /** Connect, and wait until the connection is a member of {@code group}. */
    TcpClient join(String group) {
        var client = TcpClient.connect(tcp());
        client.join(group);
        awaitJoined(client, group);
        return client;
    }

    /** Wait until a client that has asked to join is a member; needs {@code debug}. */
    void awaitJoined(TcpClient client, String group) {
        awaitLine(client.shown() + " joined \"" + group + "\" (");
    }

    /** Wait until a client has ceased to be a member; needs {@code debug}. */
    void awaitLeft(TcpClient client, String reason) {
        var said = client.shown() + " left ";
        awaitLine(line -> line.contains(said) && line.contains(": " + reason + " ("), said + reason);
    }

    /** Wait for a line of the log. */
    String awaitLine(Predicate<String> wanted, String what) {
        return err.await(1, wanted, "'" + what + "'", LIMIT);
    }

    /** Wait for a line of the log that contains {@code text}. */
    String awaitLine(String text) {
        return awaitLine(line -> line.contains(text), text);
    }

    /** {@return what an endpoint has counted so far, by the counter's word in the log} */
    long total(String endpoint, String word) {
        Predicate<String> isTotal = line -> line.contains(endpoint + " since the start: ");
        int before = err.matching(isTotal).size();
        signal("USR1");
        var line = err.await(before + 1, isTotal, "the totals", LIMIT);
        var matcher = Pattern.compile("[ ,]" + word + " ([0-9]+)").matcher(line);
        return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Send SIGTERM, unless it has ended. */
    void terminate() {
        process.destroy();
    }

    /** Send a signal by its name, such as {@code TERM}. */
    void signal(String name) {
        signal(process, name);
    }

    /** Send a signal to a process. */
    static void signal(Process process, String name) {
        assertThat(Launch.signal(name, process.pid())).isTrue();
    }

    /** {@return its exit code, once it has ended and all its output has been read} */
    int awaitExit() {
        return awaitExit(LIMIT);
    }

    int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("it does not end within " + limit + "; it said:\n" + err);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        out.awaitEnd(LIMIT);
        err.awaitEnd(LIMIT);
        return process.exitValue();
    }

    /** Stop it in an orderly way: SIGTERM, exit code 0. */
    void stop() {
        signal("TERM");
        assertThat(awaitExit()).as(err.toString()).isZero();
    }

    /** {@return how many descriptors the process has open} */
    int descriptors() {
        try (var files = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
            return (int) files.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the largest resident set so far, in bytes} */
    long mostResidentBytes() {
        return statusBytes("VmHWM:");
    }

    /** {@return the resident set, in bytes} */
    long residentBytes() {
        return statusBytes("VmRSS:");
    }

    private long statusBytes(String name) {
        try (var lines = Files.lines(Path.of("/proc/" + pid() + "/status"))) {
            var line = lines.filter(each -> each.startsWith(name)).findFirst().orElseThrow();
            return 1024 * Long.parseLong(line.replaceAll("[^0-9]", ""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@return the processor time used so far, user and system} */
    Duration processorTime() {
        try {
            var stat = Files.readString(Path.of("/proc/" + pid() + "/stat"));
            var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            // Fields 14 and 15 of proc(5), in ticks of 10 ms.
            return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Assert that it uses less than a fifth of a core for one second. */
    void assertIdle() {
        // Earlier work may still be going on, so the best of ten seconds counts. A spinning process has no idle second.
        var limit = Duration.ofMillis(200);
        var least = Duration.ofDays(1);
        for (int i = 0; i < 10 && least.compareTo(limit) >= 0; i++) {
            var before = processorTime();
            try {
                Thread.sleep(1_000); // the measurement itself
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            var used = processorTime().minus(before);
            least = used.compareTo(least) < 0 ? used : least;
        }
        assertThat(least).as("processor time of one second").isLessThan(limit);
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        files.forEach(Forwarder::delete);
    }
}
