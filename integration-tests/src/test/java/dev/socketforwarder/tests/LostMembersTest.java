package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests members that move, vanish, or are unreachable: what they miss is counted, and other members miss nothing. */
@Tag("network")
class LostMembersTest {
    private static final int STEADY_PORT = 7000;
    private static final int COUNT = 60;

    private final Network network = new Network();
    private final List<UdpClient> steady = new ArrayList<>();
    private UdpClient sender;
    private int sent;

    @AfterEach
    void close() {
        network.close();
    }

    /** Start the forwarder with a sender and two preconfigured members, which have no lease. */
    private Forwarder start(String udp) {
        var links = List.of(network.link(), network.link());
        var from = network.link();
        var forwarder = network.start(
                udp + ", preconfig-addresses: [\"" + links.getFirst().far() + ":" + STEADY_PORT + "\", \""
                        + links.getLast().far() + ":" + STEADY_PORT + "\"]");
        links.forEach(link -> steady.add(link.client(STEADY_PORT)));
        sender = from.client();
        return forwarder;
    }

    /** Send one datagram, which the steady members get. */
    private void send() {
        var text = "datagram " + sent++;
        sender.send(text);
        steady.forEach(member -> member.expect(text));
    }

    /** Send many datagrams that the forwarder finds together, so that they leave in one system call. */
    private void sendAtOnce() {
        int first = sent;
        network.atOnce(() -> {
            for (int i = 0; i < COUNT; i++) {
                sender.send("datagram " + sent++);
            }
        });
        for (int i = first; i < sent; i++) {
            for (var member : steady) {
                member.expect("datagram " + i);
            }
        }
    }

    @Test
    void newAddressBehindANatIsRegisteredAndTheOldOneEndsByItsLease() {
        var routed = network.routed(1500);
        var forwarder = start("lease: 3s");
        var outside = routed.link().near(3);
        var moved = routed.link().near(4);
        routed.router().run("nft -f -", """
                table ip nat {
                  chain out { type nat hook postrouting priority 100; oifname "up" masquerade; }
                }
                """);
        var member = routed.link().client();
        awaitRegistering(forwarder, member, "udp " + outside + ":");
        send();
        member.expect("datagram 0");

        // As when a line is dialled again; the router forgets what it kept of the old address.
        routed.router().run("ip address del " + outside + "/24 dev up");
        routed.router().run("ip address add " + moved + "/24 dev up");
        send();
        awaitRegistering(forwarder, member, "udp " + moved + ":");
        awaitRegistering(forwarder, member, ": lease-expired (");
        assertThat(removed(forwarder)).singleElement().asString().contains(outside + ":");
        send();
        member.expect("datagram 2");
        member.send("and back");
        steady.forEach(each -> each.expect("and back"));
    }

    /** Register again and again, as a member does that hears nothing, until the log says this. */
    private static void awaitRegistering(Forwarder forwarder, UdpClient member, String said) {
        await().atMost(Forwarder.LIMIT)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> {
                    member.register();
                    return !forwarder
                            .err()
                            .matching(line -> line.contains(said))
                            .isEmpty();
                });
    }

    @Test
    void whoseHostAnswersThatNobodyListensIsRemoved() {
        var link = network.link();
        var forwarder = start("io: native, unreachable: remove, unreachable-threshold: 5");
        var member = network.member(link);
        send();
        member.expect("datagram 0");
        member.close();
        for (int i = 0; i < 4; i++) {
            send();
        }
        assertThat(removed(forwarder)).isEmpty();
        // Errors are read after they come, so the count may lag by one or two.
        await().atMost(Forwarder.LIMIT).until(() -> {
            send();
            return !removed(forwarder).isEmpty();
        });
        assertThat(removed(forwarder)).singleElement().asString().contains(": member-unreachable (");
        assertThat(network.total("unreachable")).isGreaterThanOrEqualTo(5);
        long packets = link.sentPackets();
        sendAtOnce();
        assertThat(link.sentPackets() - packets).isLessThan(5);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void whoseHostAnswersThatNobodyListensCostsTheOthersNothing(String io) {
        var link = network.link();
        var forwarder = start("io: " + io);
        network.member(link).close();
        for (int i = 0; i < 5; i++) {
            sendAtOnce();
        }
        assertThat(removed(forwarder)).isEmpty();
        assertThat(network.total("send-failed")).isZero();
        if (io.equals("native")) { // only the native path hears of it
            assertThat(network.total("unreachable")).isPositive();
        }
    }

    private static List<String> removed(Forwarder forwarder) {
        return forwarder.err().matching(line -> line.contains(" left the group of endpoint udp: "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void whoseCableIsCutEndsByItsLease(String io) {
        var link = network.link();
        var forwarder = start("lease: 3s, io: " + io);
        var member = network.member(link);
        send();
        member.expect("datagram 0");
        link.host().run("ip link set dev eth0 down");
        sendAtOnce();
        await().atMost(Forwarder.LIMIT).until(() -> {
            send();
            return !removed(forwarder).isEmpty();
        });
        assertThat(removed(forwarder)).singleElement().asString().contains(": lease-expired (");
        sendAtOnce();
    }

    @ParameterizedTest
    @CsvSource({"native,cable", "nio,cable", "native,route", "nio,route", "native,filter", "nio,filter"})
    void whatTheKernelRefusesForOneMemberIsCountedAndCostsItAlone(String io, String what) {
        var link = network.link();
        var forwarder = start("io: " + io);
        var member = network.member(link);
        send();
        member.expect("datagram 0");
        var reason = switch (what) {
            case "cable" -> {
                network.forwarders().run("ip link delete dev " + link.device());
                yield "Network is unreachable";
            }
            case "route" -> {
                network.forwarders().run("ip route del 198.18." + link.number() + ".0/24");
                yield "Network is unreachable";
            }
            default -> {
                network.forwarders().run("nft -f -", """
                                table ip filter {
                                  chain out { type filter hook output priority 0; ip daddr %s drop; }
                                }
                                """.formatted(link.far()));
                yield "Operation not permitted";
            }
        };
        sendAtOnce();
        send();
        forwarder.awaitLine(
                line -> line.contains("refused " + link.far() + ": send-failed") && line.contains(reason), reason);
        assertThat(network.total("send-failed")).isEqualTo(COUNT + 1);
        assertThat(removed(forwarder)).isEmpty();
        if (what.equals("filter")) {
            network.forwarders().run("nft delete table ip filter");
            send();
            member.expect("datagram " + (sent - 1));
        }
    }

    /** Native path only, since no other asks the kernel for such errors. */
    @Test
    void whatASlowCableHasNoRoomForIsCountedAndCostsItAlone() {
        var link = network.link();
        var forwarder = start("io: native");
        var member = network.member(link);
        // It takes 1,600 bytes at once, and a thousand a second.
        network.forwarders().run("tc qdisc add dev " + link.device() + " root tbf rate 8kbit burst 1600 limit 500");
        var text = new StringBuilder("x".repeat(100));
        for (int i = 0; i < COUNT; i++) {
            // Each is longer than the last, so that each leaves by itself.
            sender.send(text.append('x').toString());
            steady.forEach(each -> each.expect(text.toString()));
        }
        forwarder.awaitLine(
                line -> line.contains("refused " + link.far() + ": send-failed")
                        && line.contains("No buffer space available"),
                "No buffer space available");
        assertThat(network.total("send-failed")).isBetween(COUNT / 2L, COUNT - 1L);
        network.forwarders().run("tc qdisc del dev " + link.device() + " root");
        send();
        int passed = 0;
        while (member.receive().length > "datagram 0".length()) {
            passed++;
        }
        assertThat(passed).isBetween(1, COUNT / 2);
    }
}
