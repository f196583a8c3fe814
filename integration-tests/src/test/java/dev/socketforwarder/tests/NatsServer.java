package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A {@code nats-server} with ports of its own, which it keeps when it starts again. {@link #close} kills it at the latest. */
final class NatsServer implements AutoCloseable {
    private static final String LOOPBACK = "127.0.0.1";

    private final String host;
    private final int port = FreePorts.tcp(LOOPBACK);
    private final int monitoringPort = FreePorts.tcp(LOOPBACK);
    private final List<String> prefix;
    private final Path file;
    private Process process;
    private Lines log;

    private NatsServer(String host, List<String> prefix, String more) {
        this.host = host;
        this.prefix = prefix;
        try {
            file = Files.createTempFile("nats-test", ".conf");
            Files.writeString(file, """
                    listen: "%s:%d"
                    http: "%s:%d"
                    server_name: "server-%d"
                    ping_interval: "2s"
                    %s
                    """.formatted(host, port, LOOPBACK, monitoringPort, port, more));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start();
    }

    /** {@return a server alone, with these lines in its configuration besides} */
    static NatsServer alone(String... more) {
        return new NatsServer(LOOPBACK, List.of(), String.join("\n", more));
    }

    /** {@return a server on another host, with this address} */
    static NatsServer inside(Namespace host, String address) {
        return new NatsServer(address, host.prefix(), "");
    }

    /** {@return servers that know each other, once they do} */
    static List<NatsServer> cluster(int size) {
        var ports =
                IntStream.range(0, size).mapToObj(_ -> FreePorts.tcp(LOOPBACK)).toList();
        var routes = ports.stream()
                .map(each -> "\"nats://" + LOOPBACK + ":" + each + "\"")
                .toList();
        var servers = new ArrayList<NatsServer>();
        try {
            for (int each : ports) {
                servers.add(alone(
                        "cluster { name: tests, listen: \"" + LOOPBACK + ":" + each + "\", routes: " + routes + " }"));
            }
            servers.forEach(server -> await("that the cluster is complete")
                    .atMost(Forwarder.LIMIT)
                    .until(() -> server.monitor("/routez").get("num_routes").asInt() >= size - 1));
            return servers;
        } catch (Throwable e) {
            servers.forEach(NatsServer::close);
            throw e;
        }
    }

    /** Start again after {@link #kill}. */
    void start() {
        var command = new ArrayList<>(prefix);
        command.addAll(List.of("nats-server", "--config", file.toString()));
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new AssertionError("the tests with NATS need nats-server: install the package nats-server", e);
        }
        Launch.endWithTests(process);
        log = Lines.of(process.getInputStream());
        log.await(1, line -> line.endsWith("Server is ready"), "that nats-server is ready", Forwarder.LIMIT);
    }

    /** End it without a word to its clients. */
    void kill() {
        process.destroyForcibly();
        try {
            assertThat(process.waitFor(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Send a signal by its name, such as {@code STOP}. */
    void signal(String name) {
        Forwarder.signal(process, name);
    }

    /** {@return its address in the configuration of a forwarder} */
    String url() {
        return "nats://" + host + ":" + port;
    }

    int port() {
        return port;
    }

    /** {@return how many subscriptions its clients have} */
    int subscriptions() {
        int all = 0;
        for (var client : monitor("/connz").get("connections")) {
            all += client.get("subscriptions").asInt();
        }
        return all;
    }

    /** {@return what it says of itself under this path} */
    JsonNode monitor(String path) {
        var request = HttpRequest.newBuilder(URI.create("http://" + LOOPBACK + ":" + monitoringPort + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        try (var http = HttpClient.newHttpClient()) {
            return JsonMapper.shared()
                    .readTree(http.send(request, BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        kill();
        Forwarder.delete(file);
    }
}
