package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests {@code examples/cluster/compose.yaml} as it is, with whatever Docker Compose there is. */
@Tag("container")
@Timeout(300)
class ContainerClusterTest {
    private static final Path FILE =
            Path.of("../examples/cluster/compose.yaml").toAbsolutePath().normalize();

    /** What the image has in place of the container's host. */
    private static final String HOST = System.getenv().getOrDefault("TESTCONTAINERS_HOST_OVERRIDE", "127.0.0.1");

    private final String project = "sf-test-" + ProcessHandle.current().pid();

    @BeforeEach
    void start() {
        compose("up", "--detach");
    }

    @AfterEach
    void stop() {
        compose("down", "--volumes");
    }

    private String compose(String... arguments) {
        var command = new ArrayList<>(
                succeeds("docker", "compose", "version") ? List.of("docker", "compose") : List.of("docker-compose"));
        command.addAll(List.of("--file", FILE.toString(), "--project-name", project));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command);
        builder.environment().put("SOCKETFORWARDER_IMAGE", System.getProperty("socketforwarder.container"));
        builder.environment().put("ONE", "0");
        builder.environment().put("TWO", "0");
        return output(builder);
    }

    private static String output(ProcessBuilder builder) {
        try {
            var process = builder.redirectErrorStream(true).start();
            Launch.endWithTests(process);
            var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean succeeds(String... command) {
        try {
            var process = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private TcpClient join(String service) {
        var published = compose("port", service, "6753").strip();
        int port = Integer.parseInt(published.substring(published.lastIndexOf(':') + 1));
        return TcpClient.connect(new InetSocketAddress(HOST, port)).join("g");
    }

    private void awaitConnected(int times) {
        for (var service : List.of("one", "two")) {
            await("that " + service + " is connected to NATS")
                    .atMost(Forwarder.LIMIT.multipliedBy(2))
                    .until(() -> compose("logs", service).split("nats connected to", -1).length > times);
        }
    }

    @Test
    void membersOfBothForwardersHearEachOtherAlsoAfterNatsWasAway() {
        awaitConnected(1);
        try (var one = join("one");
                var two = join("two")) {
            var readers = List.of(new CheckedReader(one), new CheckedReader(two));
            for (int round = 1; round <= 2; round++) {
                NatsScene.meet(one, readers.get(1));
                NatsScene.meet(two, readers.get(0));
                if (round == 1) {
                    compose("kill", "nats");
                    compose("up", "--detach", "nats");
                    awaitConnected(2);
                }
            }
            NatsScene.meet(one, readers.get(1));
        }
    }
}
