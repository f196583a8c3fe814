package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Starts new processes beside old ones, at the same ports and under load. */
@Timeout(300)
class RestartTest {
    private static final int RESTARTS = 20;

    @TempDir
    private Path folder;

    private MixedEndpoints endpoints;
    private volatile Forwarder forwarder;

    @BeforeEach
    void configure() throws IOException {
        endpoints = new MixedEndpoints(folder);
        endpoints.configure("reuse-port: true", "", "", "", "");
    }

    @Test
    void restartsUnderLoadRefuseNobody() {
        forwarder = endpoints.start();
        try (var traffic = endpoints.traffic(() -> forwarder);
                var together = new Together();
                var newcomers = new Newcomers()) {
            for (var endpoint : List.of("tcp", "loopback")) {
                together.start(() -> newcomers.joinAgainAndAgain(() -> TcpClient.connect(forwarder.address(endpoint))));
            }
            for (int i = 0; i < RESTARTS; i++) {
                long lost = traffic.lostDatagrams();
                traffic.begin();
                traffic.settle();
                assertThat(traffic.lostDatagrams())
                        .as("datagrams lost by one process")
                        .isEqualTo(lost);
                restart(traffic, i % 4 > 0);
            }
            newcomers.finish();
            together.await();
            assertThat(newcomers.refused()).isEmpty();
            assertThat(newcomers.dropped()).hasSizeLessThanOrEqualTo(RESTARTS / 4);
            assertThat(newcomers.joined()).isGreaterThan(RESTARTS * 10);
            assertThat(traffic.checkedBytes()).isGreaterThan(1 << 20);
        } finally {
            forwarder.close();
        }
    }

    @Test
    void theNewProcessTakesOverWhatOnlyOneCanHave() {
        var control = folder.resolve("control.sock");
        int port = FreePorts.tcp("127.0.0.1");
        endpoints.configure(
                "reuse-port: true\nstate-directory: %s\ncontrol-socket: %s\nadmin: { port: %d }"
                        .formatted(folder.resolve("state"), control, port),
                "",
                "",
                "",
                "");
        try (var old = endpoints.start();
                var member = UdpClient.to(old.udp());
                var sender = UdpClient.to(old.udp())) {
            member.registerUntilHeard(sender, "before");
            try (var fresh = endpoints.start()) {
                fresh.awaitLine("it listens there once the other process has stopped");
                assertThat(fresh.err().matching(line -> line.contains("another process listens on")))
                        .hasSize(3);
                assertThat(pid(control)).isEqualTo(fresh.pid());
                old.stop();
                assertThat(pid(control)).isEqualTo(fresh.pid());
                fresh.awaitLine("admin listening on 127.0.0.1:" + port);
                fresh.awaitLine("1 registrations go on, of 1 that were saved");
                sender.send("after");
                await().atMost(Forwarder.LIMIT)
                        .until(() -> new String(member.receive(), StandardCharsets.UTF_8).equals("after"));
                fresh.stop();
                assertThat(control).doesNotExist();
            }
        }
    }

    /** {@return the process that answers commands} */
    private long pid(Path control) {
        var told = Launch.with("status", "--json")
                .env("SOCKETFORWARDER_CONTROL_SOCKET", control.toString())
                .run();
        var matcher = Pattern.compile("\"pid\" ?: ?([0-9]+)").matcher(told.outText());
        assertThat(matcher.find()).as(told.outText() + told.errText()).isTrue();
        return Long.parseLong(matcher.group(1));
    }

    /**
     * Replace the process by another.
     *
     * @param isSilent whether the members fall silent before, so that nothing at all may be lost
     */
    private void restart(HonestTraffic traffic, boolean isSilent) {
        var old = forwarder;
        try {
            forwarder = endpoints.start();
            if (isSilent) {
                traffic.fallSilent();
            }
            traffic.expectOrderlyEnd();
            old.stop();
            traffic.awaitEnd(isSilent);
            assertThat(old.err().matching(line -> line.contains(" ERROR "))).isEmpty();
        } finally {
            old.close();
        }
    }
}
