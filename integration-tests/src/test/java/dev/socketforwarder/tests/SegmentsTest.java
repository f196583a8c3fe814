package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests runs of datagrams as segmented sends, on networks that take them and others. The kernel's counters show which
 * happened: a segmented send is one packet of a veth device.
 */
@Tag("network")
class SegmentsTest {
    private final Network network = new Network();
    private final Noise noise = Noise.random();
    private long position;

    @AfterEach
    void close() {
        network.close();
    }

    private List<byte[]> datagrams(int count, int size) {
        var datagrams = new ArrayList<byte[]>();
        for (int i = 0; i < count; i++) {
            datagrams.add(noise.slice(position, size));
            position += size;
        }
        return datagrams;
    }

    private void sendAtOnce(UdpClient sender, List<byte[]> datagrams) {
        network.atOnce(() -> datagrams.forEach(sender::send));
    }

    private static void assertGets(UdpClient member, List<byte[]> datagrams) {
        for (var datagram : datagrams) {
            assertThat(member.receive()).isEqualTo(datagram);
        }
    }

    @Test
    void runOfOneSizeIsOnePacketForEachMember() {
        var links = List.of(network.link(), network.link());
        var sender = network.link();
        network.start("io: native");
        var members = links.stream().map(network::member).toList();
        var datagrams = datagrams(60, 1_000);
        var before = links.stream().map(Link::sentPackets).toList();
        sendAtOnce(sender.client(), datagrams);
        for (int i = 0; i < links.size(); i++) {
            assertGets(members.get(i), datagrams);
            // One, if the forwarder found all of them when it woke; plus a few others, such as ARP.
            assertThat(links.get(i).sentPackets() - before.get(i))
                    .as("packets for 60 datagrams")
                    .isLessThan(20);
        }
    }

    @Test
    void withoutTheNativePathEachDatagramIsAPacket() {
        var link = network.link();
        var sender = network.link();
        network.start("io: nio");
        var member = network.member(link);
        var datagrams = datagrams(60, 1_000);
        long before = link.sentPackets();
        sendAtOnce(sender.client(), datagrams);
        assertGets(member, datagrams);
        assertThat(link.sentPackets() - before).isGreaterThanOrEqualTo(60);
    }

    @Test
    void whatExceedsOneMembersMtuIsSentSinglyToItAlone() {
        var narrow = network.link(600);
        var wide = network.link(9_000);
        var from = network.link(9_000);
        network.start("io: native");
        var narrowMember = network.member(narrow);
        var wideMember = network.member(wide);
        var sender = from.client();

        var large = datagrams(40, 1_200);
        long narrowBefore = narrow.sentPackets();
        long wideBefore = wide.sentPackets();
        long fragments = network.forwarders().counter("Ip", "FragCreates");
        sendAtOnce(sender, large);
        assertGets(narrowMember, large);
        assertGets(wideMember, large);
        // IP fragments each into three, whether or not the first attempt was segmented.
        assertThat(network.forwarders().counter("Ip", "FragCreates") - fragments)
                .isEqualTo(120);
        assertThat(narrow.sentPackets() - narrowBefore).isGreaterThanOrEqualTo(120);
        assertThat(wide.sentPackets() - wideBefore).isLessThan(15);

        // Segments are off from that size on only.
        var small = datagrams(60, 500);
        narrowBefore = narrow.sentPackets();
        sendAtOnce(sender, small);
        assertGets(narrowMember, small);
        assertGets(wideMember, small);
        assertThat(narrow.sentPackets() - narrowBefore).isLessThan(20);
        assertThat(network.total("send-failed")).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "nio"})
    void anyMixOfSizesPassesWholeAndInOrder(String io) {
        long seed = System.nanoTime();
        System.out.println("seed of the sizes " + seed);
        var random = new Random(seed);
        var narrow = network.link(600);
        var wide = network.link(9_000);
        var from = network.link(1_500);
        network.start("io: " + io);
        var members = List.of(network.member(narrow), network.member(wide));
        var sender = from.client();
        int[] sizes = {0, 1, 571, 572, 573, 1_200, 1_472, 1_473, 4_000};
        for (int round = 0; round < 40; round++) {
            var datagrams = new ArrayList<byte[]>();
            while (datagrams.size() < 40) {
                datagrams.addAll(datagrams(1 + random.nextInt(12), sizes[random.nextInt(sizes.length)]));
            }
            sendAtOnce(sender, datagrams);
            members.forEach(member -> assertGets(member, datagrams));
        }
        assertThat(network.total("send-failed")).isZero();
    }

    @Test
    void mtuOfAPathIsLearnedAndThenNothingIsLost() {
        var narrow = network.routed(600).link();
        var wide = network.link();
        var from = network.link();
        var forwarder = network.start("io: native");
        var narrowMember = network.member(narrow);
        var wideMember = network.member(wide);
        var sender = from.client();
        // The router drops this one, and reports why.
        sender.send(noise.slice(0, 1_200));
        assertThat(wideMember.receive()).hasSize(1_200);
        sender.send("next");
        wideMember.expect("next");
        narrowMember.expect("next");
        forwarder.awaitLine("MTU of 600 bytes");

        var all = datagrams(40, 1_200);
        long fragments = network.forwarders().counter("Ip", "FragCreates");
        long packets = wide.sentPackets();
        sendAtOnce(sender, all);
        assertGets(narrowMember, all);
        assertGets(wideMember, all);
        assertThat(network.forwarders().counter("Ip", "FragCreates") - fragments)
                .isEqualTo(120);
        assertThat(wide.sentPackets() - packets).isLessThan(15);
        assertThat(network.total("send-failed")).isEqualTo(1);
    }
}
