package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests members of a UDP endpoint over some time: at a rate that all can sustain, and across a restart of the
 * forwarder.
 */
class UdpRunTest {
    private static final int MEMBERS = 5;
    private static final int DATAGRAMS = 10_000;
    private static final int AT_ONCE = 10;
    private static final long PAUSE_NS = 2_000_000; // 5,000 a second
    // As many as any machine's default buffers hold.
    private static final int MOST_BEHIND = 100;

    private final List<UdpClient> clients = new ArrayList<>();
    private Forwarder forwarder;

    @AfterEach
    void close() {
        clients.forEach(UdpClient::close);
        if (forwarder != null) {
            forwarder.close();
        }
    }

    private void start(int port, String io) {
        forwarder = Launch.with("--set", "transports.udp.port=" + port, "--set", "transports.udp.io=" + io)
                .env("SOCKETFORWARDER_HOST_ADDRESS", "127.0.0.1")
                .start();
    }

    private UdpClient client(InetSocketAddress to) {
        var client = UdpClient.to(to);
        clients.add(client);
        return client;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void nothingIsLostAtAPaceThatAllCanKeep(String io) {
        start(0, io);
        var noise = Noise.random();
        var received = new ArrayList<AtomicInteger>();
        try (var members = new Together()) {
            for (int m = 0; m < MEMBERS; m++) {
                var member = client(forwarder.udp()).register();
                var count = new AtomicInteger();
                received.add(count);
                members.start(() -> {
                    for (int i = 0; i < DATAGRAMS; i++) {
                        assertThat(member.receive()).isEqualTo(datagram(noise, i));
                        count.incrementAndGet();
                    }
                });
            }
            sendAtAPace(client(forwarder.udp()), noise, received);
            members.await();
        }
        assertThat(forwarder.total("udp", "reads")).isEqualTo(DATAGRAMS);
        assertThat(forwarder.total("udp", "writes")).isEqualTo((long) DATAGRAMS * MEMBERS);
        assertThat(forwarder.total("udp", "receive-overflow")).isZero();
        assertThat(forwarder.total("udp", "send-failed")).isZero();
    }

    /** {@return one of 1 to 1,400 bytes; ten in a row have the same size} */
    private static byte[] datagram(Noise noise, int number) {
        return noise.slice(number * 1_400L, 1 + number / 10 * 37 % 1_400);
    }

    private static void sendAtAPace(UdpClient sender, Noise noise, List<AtomicInteger> received) {
        long next = System.nanoTime();
        for (int i = 0; i < DATAGRAMS; i++) {
            sender.send(datagram(noise, i));
            if (i % AT_ONCE == AT_ONCE - 1) {
                next += PAUSE_NS;
                LockSupport.parkNanos(next - System.nanoTime()); // the rate itself
                int due = i - MOST_BEHIND;
                if (received.stream().anyMatch(count -> count.get() < due)) {
                    // A thread without processor time cannot keep any rate.
                    await().atMost(Forwarder.LIMIT)
                            .pollInterval(Duration.ofMillis(1))
                            .until(() -> received.stream().allMatch(count -> count.get() >= due));
                    next = System.nanoTime();
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void membersThatRegisterAgainGoOnAfterAStartOnTheSamePort(String io) {
        int port = FreePorts.udp("127.0.0.1");
        var to = new InetSocketAddress("127.0.0.1", port);
        var one = client(to);
        var two = client(to);
        for (int run = 0; run < 3; run++) {
            start(port, io);
            // A restarted forwarder has no members.
            one.send("before").register();
            two.send("too early").register();
            one.expect("too early").send("one in run " + run);
            two.expect("one in run " + run).send("two in run " + run);
            one.expect("two in run " + run);
            if (run == 0) {
                forwarder.stop();
            } else {
                forwarder.close(); // which kills it
            }
            one.send("while there is none");
        }
    }
}
