package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Members that are reset while the forwarder neither reads them nor writes to them. */
@Timeout(30)
class ResetProbeTest {
    private static final Map<String, Object> KEEP = Map.of("half-close", "keep");

    private static List<TestClient> halfClosed(TestServer server, int n) throws IOException {
        var clients = new ArrayList<TestClient>();
        for (int i = 0; i < n; i++) {
            var client = server.join("g");
            client.shutOutput();
            clients.add(client);
        }
        return clients;
    }

    @Test
    void aHalfClosedMemberThatIsResetIsClosed() throws IOException {
        try (var server = new TestServer(KEEP)) {
            int many = 300; // more members than one turn probes
            var gone = halfClosed(server, many);
            var stays = halfClosed(server, 1).getFirst();
            for (var client : gone) {
                client.reset();
            }
            server.awaitMembers(1);
            assertThat(server.count(Reason.PEER_RESET)).isEqualTo(many);

            server.join("g").send("still a receiver");
            assertThat(stays.readText(16)).isEqualTo("still a receiver");
        }
    }

    @Test
    void aPausedMemberThatIsResetIsClosedWhileItsReaderIsFull() throws IOException {
        var patient = new FlowLimits(1 << 20, 256 << 10, 16 << 10, Duration.ofMinutes(1));
        try (var server = new TestServer(Map.of(), patient)) {
            server.joinSlow("g");
            var sender = server.join("g");
            var sending = sender.flood();
            server.awaitAtLeast(Counter.BYTES_IN, 1 << 20);
            server.awaitQuiet();
            sender.reset();
            sending.join();
            server.awaitMembers(1);
            server.awaitOnce(Reason.PEER_RESET);
        }
    }

    @Test
    void whileNobodyIsResetProbesCostNextToNothing() throws IOException {
        try (var server = new TestServer(KEEP)) {
            halfClosed(server, 300);
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(60);
        }
    }
}
