package dev.socketforwarder.runtime.streams.member;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.streams.TestClient;
import dev.socketforwarder.runtime.streams.TestServer;
import dev.socketforwarder.runtime.streams.arrival.ArrivingConnection;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What members, and members that have left, keep from the garbage collector. */
@Timeout(30)
class RetentionTest {
    private static final int MANY = 200;

    private static List<TestClient> join(TestServer server, int n) throws IOException {
        var clients = new ArrayList<TestClient>();
        for (int i = 0; i < n; i++) {
            clients.add(server.join("g"));
        }
        return clients;
    }

    /** {@return how many objects of a class are reachable} */
    private static long reachable(Class<?> type) throws JMException {
        var histogram = (String) ManagementFactory.getPlatformMBeanServer()
                .invoke(
                        new ObjectName("com.sun.management:type=DiagnosticCommand"),
                        "gcClassHistogram",
                        new Object[] {new String[0]},
                        new String[] {String[].class.getName()});
        return histogram
                .lines()
                .map(line -> line.trim().split("\\s+"))
                .filter(words -> Arrays.asList(words).contains(type.getName()))
                .mapToLong(words -> Long.parseLong(words[1]))
                .sum();
    }

    @Test
    void aMemberKeepsNothingOfItsArrival() throws IOException, JMException {
        long before = reachable(ArrivingConnection.class);
        try (var server = new TestServer(Map.of())) {
            var members = join(server, MANY);
            server.awaitMembers(MANY);
            assertThat(reachable(ArrivingConnection.class)).isLessThan(before + MANY / 4);
            assertThat(members).hasSize(MANY);
        }
    }

    @Test
    void aMemberThatHasLeftIsKeptByNobody() throws IOException, JMException {
        try (var server = new TestServer(Map.of())) {
            var staying = join(server, 2);
            long before = reachable(Connection.class);
            for (var member : join(server, MANY)) {
                member.close();
            }
            server.awaitMembers(2);
            for (var word : List.of("one", "two")) { // the selector lets go of a closed channel when it selects again
                staying.getFirst().send(word);
                assertThat(staying.getLast().readText(3)).isEqualTo(word);
            }
            assertThat(reachable(Connection.class)).isLessThan(before + MANY / 4);
        }
    }
}
