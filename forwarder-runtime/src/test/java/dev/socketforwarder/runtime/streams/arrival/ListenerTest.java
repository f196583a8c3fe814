package dev.socketforwarder.runtime.streams.arrival;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.testing.TestJvm;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A listener without the resources it needs. Runs in a process of its own, with limits of its own. */
@Timeout(60)
class ListenerTest {
    private static final int DESCRIPTORS = 200;

    @Test
    void withoutDescriptorsAcceptingBacksOffAndGoesOnLater() throws Exception {
        var command = new ArrayList<>(List.of("sh", "-c", "ulimit -n " + DESCRIPTORS + "; exec \"$@\"", "sh"));
        command.addAll(TestJvm.command(List.of(), ListenerTest.class));

        assertThat(TestJvm.run(command)).last().isEqualTo("done");
    }

    public static void main(String[] args) throws IOException {
        withoutDescriptors();
        System.exit(0);
    }

    private static void withoutDescriptors() throws IOException {
        try (var server = new TestServer(Map.of())) {
            var first = server.join("g");
            TestServer.cpuMsWhileIdle(); // loads the needed classes while there are descriptors
            var clients = List.of(new TestClient(server.address(), 0), server.connect());
            server.awaitAtLeast(Counter.ACCEPTED, 3);
            var hogs = new ArrayList<FileInputStream>();
            try {
                while (true) {
                    hogs.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException _) {
                // No descriptor is left. The test gives one back, which the next client's own socket takes, so none is
                // left to accept the client.
            }
            hogs.removeLast().close();
            var waiting = new TestClient(server.address(), 0);
            waiting.send(TestContext.PREFIX + "g\n");
            TestServer.await("a refusal", () -> server.count(Reason.ACCEPT_FAILED) >= 1);
            long cpuMs = TestServer.cpuMsWhileIdle();
            long times = server.count(Reason.ACCEPT_FAILED);
            for (var hog : hogs) {
                hog.close();
            }
            server.awaitMembers(2);
            waiting.send("hello");
            var heard = first.readText(5);
            for (var client : clients) {
                client.close();
            }
            System.out.println(
                    cpuMs < 60 && times < 20 && heard.equals("hello") ? "done" : cpuMs + " ms, " + times + " times");
        }
    }
}
