package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Changes the configuration of the image while it runs under load. */
class ReloadTest {
    private static final int RELOADS = 100;

    private static final String MORE_HOSTS = ", host-address: [127.0.0.1, 127.0.0.2] ";

    @TempDir
    private Path folder;

    private MixedEndpoints endpoints;
    private Forwarder forwarder;

    @BeforeEach
    void start() throws IOException {
        endpoints = new MixedEndpoints(folder);
        forwarder = endpoints.start();
    }

    @AfterEach
    void close() {
        forwarder.close();
    }

    private long reloads() {
        return forwarder.err().matching(line -> line.contains("INFO  reloaded")).size();
    }

    private void reload() {
        long before = reloads();
        forwarder.signal("HUP");
        await().atMost(Forwarder.LIMIT).until(() -> reloads() > before);
    }

    @Test
    void aHundredReloadsUnderLoadLoseNothing() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        try (var traffic = endpoints.traffic(() -> forwarder)) {
            traffic.begin();
            for (int i = 0; i < RELOADS; i++) {
                change(random);
                reload();
                traffic.admitNewcomers();
            }
            traffic.settle();
            assertThat(traffic.lost()).isZero();
            assertThat(traffic.checkedBytes()).isGreaterThan(1 << 20);
        }
        forwarder.stop();
        assertThat(forwarder.err().matching(line -> line.contains(" ERROR ") || line.contains("started again")))
                .isEmpty();
    }

    private void change(Random random) {
        endpoints.configure(
                pick(random, "", "grace-period: 5s", "max-connections: 400", "max-groups: 1000", "log-joins: true"),
                pick(random, "", ", high-water: 2MiB ", ", max-group-members: 100 ", ", stall-timeout: 10s "),
                pick(
                        random,
                        "",
                        ", idle-timeout: 5m ",
                        ", deny: [192.0.2.1] ",
                        ", max-first-messages: 100 ",
                        MORE_HOSTS),
                pick(
                        random,
                        "",
                        ", deny: [192.0.2.1] ",
                        ", new-client-prefix: \"COME:\", lease: 1h ",
                        ", sender-rate: 1000000, max-registrations: 100 ",
                        ", leave-prefix: \"GO:\", registration-rate: 1000 ",
                        ", registration: auto, unreachable-threshold: 5 "),
                pick(random, "", "extra: { type: tcp, port: 0 }", "more: { type: udp, port: 0 }"));
    }

    private static String pick(Random random, String... some) {
        return some[random.nextInt(some.length)];
    }
}
