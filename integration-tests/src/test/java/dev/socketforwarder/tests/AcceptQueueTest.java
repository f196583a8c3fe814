package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Counts what restarts beside the old process lose in its accept queue, while clients connect as fast as they can. For the figures in
 * docs/OPERATING.md: {@code -Drestarts=100}.
 */
@Tag("network")
class AcceptQueueTest {
    private static final int RESTARTS = Integer.getInteger("restarts", 3);
    private static final int CLIENTS = 4;
    private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.1", 6753);

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void nobodyIsRefused(int migrate) throws InterruptedException {
        try (var host = Namespace.create();
                var newcomers = new Newcomers()) {
            host.run("sysctl -q -w net.ipv4.tcp_migrate_req=" + migrate);
            var launch = Launch.with()
                    .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                    .env("SOCKETFORWARDER_TCP_PORT", "6753")
                    .env("SOCKETFORWARDER_JOIN_REPLY", "#joined")
                    .env("SOCKETFORWARDER_REUSE_PORT", "true")
                    .inside(host);
            var running = launch.start();
            var clients = new ArrayList<Thread>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(Thread.ofPlatform().start(() -> {
                    while (!newcomers.areDone()) {
                        host.make(() -> {
                            newcomers.join(100, () -> TcpClient.connect(ADDRESS));
                            return null;
                        });
                    }
                }));
            }
            for (int i = 0; i < RESTARTS; i++) {
                var old = running;
                running = launch.start();
                old.stop();
            }
            newcomers.finish();
            for (var client : clients) {
                assertThat(client.join(Forwarder.LIMIT)).isTrue();
            }
            running.close();
            System.out.println("tcp_migrate_req " + migrate + ": " + RESTARTS + " restarts, " + newcomers.joined()
                    + " joined, " + newcomers.refused().size() + " refused, "
                    + newcomers.dropped().size() + " dropped " + newcomers.dropped() + ", the slowest took "
                    + newcomers.slowestMs() + " ms");
            assertThat(newcomers.refused()).isEmpty();
            assertThat(newcomers.dropped()).hasSizeLessThanOrEqualTo(migrate == 0 ? RESTARTS : 0);
            assertThat(newcomers.joined()).isGreaterThan(RESTARTS * 100);
        }
    }
}
