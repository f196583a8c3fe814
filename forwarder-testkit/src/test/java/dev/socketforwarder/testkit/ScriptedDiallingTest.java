package dev.socketforwarder.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Target;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ScriptedDiallingTest {
    private static final int LIMIT_MS = 10_000;

    @Test
    void aServerIsSentTheGreetingAndIsAMemberUntilTheStop() throws IOException {
        var groups = new ScriptedGroups();
        try (var server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var context = new ScriptedContext("bridge", Map.of(), groups)) {
            server.setSoTimeout(LIMIT_MS);
            var streams = context.streams(List.of());
            context.begin();
            streams.dial(new Target(
                    GroupId.of("g"),
                    server.getInetAddress().getHostAddress(),
                    server.getLocalPort(),
                    StandardCharsets.UTF_8.encode("hello"),
                    Duration.ofSeconds(10),
                    Optional.empty()));
            try (var connection = server.accept()) {
                connection.setSoTimeout(LIMIT_MS);
                assertThat(connection.getInputStream().readNBytes(5)).asString().isEqualTo("hello");
                assertThat(context.counters().get(Counter.CONNECTED)).isEqualTo(1);
                assertThat(groups.members()).hasSize(1);
                connection.shutdownOutput();
                streams.stop(Duration.ofSeconds(5));
                assertThat(connection.getInputStream().read()).isEqualTo(-1);
            }
        }
    }
}
