package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests a network that loses a fifth of the packets to one host. */
@Tag("network")
class LossTest {
    private static final int DATAGRAMS = 1_000;
    private static final int SIZE = 200;
    private static final int PERCENT = 20;

    private final Network network = new Network();
    private final Noise noise = Noise.random();

    @AfterEach
    void close() {
        network.close();
    }

    /**
     * Lose packets to the host of {@code link} at random: by netem, or by a filter on that host if the kernel has no
     * netem.
     */
    private void lose(Link link) {
        var command = "tc qdisc add dev " + link.device() + " root netem loss " + PERCENT + "%";
        var refused = link.forwarders().attempt(command, "");
        if (!refused.isEmpty()) {
            System.out.println("loss by nft, since there is no netem: " + refused);
            link.host().run("nft -f -", """
                    table inet loss {
                      chain in { type filter hook prerouting priority -300; numgen random mod 100 < %d drop; }
                    }
                    """.formatted(PERCENT));
        }
    }

    /** {@return the datagram with this number, which is its beginning} */
    private byte[] datagram(int number) {
        return ByteBuffer.wrap(noise.slice((long) number * SIZE, SIZE))
                .putInt(0, number)
                .array();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void lossToOneHostCostsNobodyElseAndTcpThereNothing(String io) {
        var lossy = network.link();
        var steadyLink = network.link();
        var from = network.link();
        var forwarder = network.start("io: " + io + ", group: telemetry");
        var lossyMember = network.member(lossy);
        var steady = network.member(steadyLink);
        var tcp = lossy.connect().join("telemetry");
        forwarder.awaitJoined(tcp, "telemetry");
        var sender = from.client();
        lose(lossy);

        var got = new ArrayList<byte[]>();
        var atItsEnd = new CountDownLatch(1);
        try (var reading = new Together()) {
            reading.start(() -> {
                for (var each = lossyMember.receive(); each.length == SIZE; each = lossyMember.receive()) {
                    got.add(each);
                }
                atItsEnd.countDown();
            });
            for (int i = 0; i < DATAGRAMS; i++) {
                sender.send(datagram(i));
                // No more in flight than any machine's default buffers hold.
                if (i % 20 == 19) {
                    for (int n = i - 19; n <= i; n++) {
                        assertThat(steady.receive()).isEqualTo(datagram(n));
                    }
                }
            }
            for (int i = 0; i < DATAGRAMS; i++) {
                assertThat(tcp.receive(SIZE)).isEqualTo(datagram(i));
            }
            await().atMost(Forwarder.LIMIT).pollInterval(Duration.ofMillis(20)).until(() -> {
                sender.send("end");
                return atItsEnd.getCount() == 0;
            });
            reading.await();
        }
        assertWholeAndInOrder(got);
        assertThat(got.size()).isBetween(DATAGRAMS / 2, DATAGRAMS - 1);
        assertThat(network.total("send-failed")).isZero();
    }

    private void assertWholeAndInOrder(List<byte[]> got) {
        int last = -1;
        for (var each : got) {
            int number = ByteBuffer.wrap(each).getInt();
            assertThat(number).isGreaterThan(last);
            assertThat(Arrays.equals(each, datagram(number)))
                    .as("datagram " + number + " is unchanged")
                    .isTrue();
            last = number;
        }
    }
}
