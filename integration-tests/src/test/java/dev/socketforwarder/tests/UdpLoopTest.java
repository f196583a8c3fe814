package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests forwarders that a client of the same machine has registered at each other, without forging anything. */
class UdpLoopTest {
    private static final int BEATS = 1_000;

    private final List<UdpClient> clients = new ArrayList<>();
    private final List<Forwarder> forwarders = new ArrayList<>();
    private int links;

    @AfterEach
    void close() {
        clients.forEach(UdpClient::close);
        forwarders.forEach(Forwarder::close);
    }

    private void start(int count, String udp) {
        for (int i = 0; i < count; i++) {
            forwarders.add(Launch.with()
                    .yaml("debug: true\ntransports: { udp: { port: 0" + udp + " } }\n")
                    .start());
        }
    }

    private UdpClient added(UdpClient client) {
        clients.add(client);
        return client;
    }

    private int port(int forwarder) {
        return forwarders.get(forwarder).udp().getPort();
    }

    /** Let one send to another, from an address of this machine that nobody else uses. */
    private void link(int from, int to) {
        var at = new InetSocketAddress("127.0.0." + (2 + links++), port(from));
        added(UdpClient.from("127.0.0.1", at)).send(TcpClient.PREFIX + port(to));
        forwarders.get(from).awaitLine("127.0.0.1:" + port(to) + " joined ");
    }

    private void linkAll(String shape) {
        int count = forwarders.size();
        for (int from = 0; from < count; from++) {
            for (int to = 0; to < count; to++) {
                boolean next = to == (from + 1) % count;
                if (from != to && (next || shape.equals("mesh"))) {
                    link(from, to);
                }
            }
        }
    }

    private long sum(String word) {
        return forwarders.stream().mapToLong(each -> each.total("udp", word)).sum();
    }

    /** {@return how many datagrams all have received, once the number stays the same} */
    private long received(long least) {
        await().atMost(Forwarder.LIMIT).until(() -> sum("reads") >= least);
        var last = new AtomicLong(-1);
        await("that nothing goes round any more")
                .during(Duration.ofMillis(500))
                .atMost(Forwarder.LIMIT)
                .until(() -> {
                    long now = sum("reads");
                    return last.getAndSet(now) == now;
                });
        return last.get();
    }

    @ParameterizedTest
    @CsvSource({"2,mesh,native,40", "3,ring,native,40", "3,ring,nio,2400", "4,mesh,native,10000", "4,mesh,nio,10000"})
    void aDatagramGoesRoundAFewTimesAndNoMore(int count, String shape, String io, long most) {
        start(count, ", io: " + io);
        linkAll(shape);
        added(UdpClient.to(forwarders.getFirst().udp())).send("one datagram");
        assertThat(received(count)).isBetween((long) count, most);
        assertThat(sum("forwarding-loop")).isPositive();
        var lines = forwarders.stream()
                .flatMap(each -> each
                        .err()
                        .matching(line -> line.matches(".*: forwarding-loop \\(port [0-9]+\\), 127\\.0\\.0\\..*"))
                        .stream())
                .toList();
        assertThat(lines).isNotEmpty().allMatch(line -> line.contains(" and 127.0.0."));
    }

    @Test
    void throughTcpAndBackItEndsToo() {
        forwarders.add(Launch.with()
                .yaml("host-address: 127.0.0.1\ndebug: true\n"
                        + "transports: { tcp: { port: 0 }, udp: { port: 0, group: both } }\n")
                .start());
        var server = "{ group: both, to: \"127.0.0.1:"
                + forwarders.getFirst().tcp().getPort() + "\", send: \"SOCKETFORWARDER-NEW:both\\n\" }";
        forwarders.add(Launch.with()
                .yaml("host-address: 127.0.0.1\ndebug: true\n" + "transports: { tcp: { connect: [ " + server
                        + " ] }, udp: { port: 0, group: both } }\n")
                .start());
        forwarders.getFirst().awaitLine(" joined \"both\"");
        added(UdpClient.to(forwarders.get(1).udp())).send(TcpClient.PREFIX + port(0));
        forwarders.get(1).awaitLine("127.0.0.1:" + port(0) + " joined ");
        added(UdpClient.to(forwarders.getFirst().udp())).send("one datagram");
        assertThat(received(2)).isBetween(2L, 1_000L);
        assertThat(sum("forwarding-loop")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void membersThatSayTheSameLoseNothing(String io) {
        start(2, ", io: " + io);
        linkAll("mesh");
        var at = forwarders.getFirst().udp();
        var members = new ArrayList<UdpClient>();
        for (int i = 0; i < 3; i++) {
            members.add(added(UdpClient.to(at)).register());
            forwarders.getFirst().awaitLine("127.0.0.1:" + members.get(i).port() + " joined ");
        }
        for (int i = 0; i < BEATS; i++) {
            members.get(1).send("alive");
            members.get(2).send("alive");
            members.getFirst().expect("alive").expect("alive");
        }
    }
}
