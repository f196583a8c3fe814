package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests registrations and datagrams. An endpoint is one group, so each test has a forwarder of its own. */
class UdpTest {
    private static final String P = TcpClient.PREFIX;
    private static final AtomicInteger SOURCES = new AtomicInteger();

    private final List<UdpClient> clients = new ArrayList<>();
    private Forwarder forwarder;

    @AfterEach
    void close() {
        clients.forEach(UdpClient::close);
        if (forwarder != null) {
            forwarder.close();
        }
    }

    private void start(String... settings) {
        var launch = Launch.with("--set", "transports.udp.port=0", "--set", "host-address=127.0.0.1");
        for (var setting : settings) {
            launch.arg("--set").arg(setting);
        }
        forwarder = launch.start();
    }

    private UdpClient client() {
        return added(UdpClient.to(forwarder.udp()));
    }

    private UdpClient added(UdpClient client) {
        clients.add(client);
        return client;
    }

    private static String source() {
        int n = SOURCES.incrementAndGet();
        return "127.2." + n / 200 + "." + (1 + n % 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void registersTheSourceWithOrWithoutALineEnd(String end) {
        start();
        var one = client().send(P + end);
        var two = client().send(P + end);
        two.send("to one");
        one.expect("to one").send("to two");
        two.expect("to two");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void registersAnotherPortOfTheSource(String end) {
        start();
        var receiver = client();
        client().send(P + receiver.port() + end);
        client().send("to whom it concerns");
        receiver.expect("to whom it concerns");
    }

    @Test
    void leadingZerosAreNoOtherPort() {
        start();
        var receiver = client().register();
        client().send(P + "0" + receiver.port());
        client().send("once").send("twice");
        receiver.expect("once").expect("twice");
    }

    @Test
    void registrationThatIsThereIsOnlyRefreshed() {
        start();
        var receiver = client().register().register();
        receiver.send(P + receiver.port() + "\n");
        client().send("once").send("twice");
        receiver.expect("once").expect("twice");
    }

    @Test
    void everyRegisteredAddressGetsWhatAnUnregisteredOneSends() {
        start();
        var one = client().register();
        var two = client().register();
        var stranger = client().send("hello");
        one.expect("hello");
        two.expect("hello");
        // The stranger itself is no member.
        one.send("fence one");
        two.expect("fence one");
        stranger.register();
        one.send("fence two");
        stranger.expect("fence two");
    }

    @Test
    void senderDoesNotGetItsOwn() {
        start();
        var one = client().register();
        var two = client().register();
        one.send("own");
        two.expect("own").send("fence");
        one.expect("fence");
    }

    @Test
    void whatASourceRegisteredDoesNotGetWhatItSends() {
        start();
        var third = client().register();
        var receiver = client();
        var sender = client().send(P + receiver.port());
        sender.send("mine");
        third.expect("mine").send("fence");
        receiver.expect("fence");
    }

    @Test
    void theLastRegistrationOfASourceCounts() {
        start();
        var first = client();
        var last = client();
        var sender = client().send(P + first.port()).send(P + last.port());
        sender.send("mine");
        first.expect("mine");
        client().send("fence");
        last.expect("fence");
    }

    @Test
    void registrantThatIsRegisteredItselfGetsNeither() {
        start();
        var third = client().register();
        var receiver = client();
        var sender = client().register().send(P + receiver.port());
        sender.send("mine");
        third.expect("mine").send("fence");
        receiver.expect("fence");
        sender.expect("fence");
    }

    @Test
    void echoSendsItToTheSenderToo() {
        start("transports.udp.echo=true");
        var one = client().register();
        var two = client().register();
        one.send("all of us");
        one.expect("all of us").send("fence");
        two.expect("all of us").expect("fence");
        var receiver = client();
        client().send(P + receiver.port()).send("mine too");
        receiver.expect("mine too");
    }

    static List<String> badPorts() {
        return List.of(
                "0",
                "00",
                "65536",
                "70000",
                "99999999999999999999",
                "-1",
                "+5",
                "abc",
                "12 34",
                " 80",
                "80 ",
                "80\n\n",
                "80\r",
                "\n\n",
                "\r",
                "0x50",
                "80\0",
                "8.0",
                "\uff18\uff10",
                "80\n\r\n",
                "\t80",
                "80,81");
    }

    @Test
    void badPortsAreRefusedLoggedAndNeverForwarded() {
        start();
        var receiver = client().register();
        for (var port : badPorts()) {
            var source = source();
            added(UdpClient.from(source, forwarder.udp())).send(P + port);
            var line = forwarder.awaitLine("udp refused " + source + ": ");
            assertThat(line).contains("refused " + source + ": bad-port");
            assertThat(line.codePoints().filter(Character::isISOControl)).isEmpty();
        }
        client().send("fence");
        receiver.expect("fence");
        assertThat(forwarder.err().matching(line -> line.contains("Exception"))).isEmpty();
    }

    @Test
    void binaryRubbishBehindThePrefixIsRefused() {
        start();
        var receiver = client().register();
        var bytes = (P + "80??").getBytes(StandardCharsets.US_ASCII);
        bytes[bytes.length - 2] = (byte) 0xff;
        bytes[bytes.length - 1] = 0x1b;
        var source = source();
        added(UdpClient.from(source, forwarder.udp())).send(bytes);
        assertThat(forwarder.awaitLine("udp refused " + source + ": ")).contains("\\xff\\x1b");
        client().send("fence");
        receiver.expect("fence");
    }

    @Test
    void whatOnlyLooksLikeARegistrationIsData() {
        start();
        var receiver = client().register();
        var other = client();
        for (var text : List.of("SOCKETFORWARDER-NEW", " " + P, P.toLowerCase() + "80", "S", "\n")) {
            other.send(text);
            receiver.expect(text);
        }
    }

    @Test
    void refusalsAreLoggedOncePerReasonAndSource() {
        start();
        var source = source();
        var client = added(UdpClient.from(source, forwarder.udp()));
        for (int i = 0; i < 20; i++) {
            client.send(P + "bad" + i);
        }
        client.send(P + forwarder.udp().getPort());
        var other = source();
        added(UdpClient.from(other, forwarder.udp())).send(P + "bad");
        forwarder.awaitLine("udp refused " + other + ": bad-port");
        assertThat(forwarder.err().matching(line -> line.contains(source + ": bad-port")))
                .singleElement()
                .asString()
                .contains("bad0");
    }

    @Test
    void forwardersOwnAddressesAreForbidden() {
        forwarder = Launch.with().yaml("""
                        transports:
                          udp: { port: 0 }
                          other: { type: udp, port: 0, host-address: 127.0.0.1 }
                        """).start();
        var own = source();
        var receiver = client().register();
        // The wildcard address is every address of this machine.
        added(UdpClient.from(own, forwarder.udp())).send(P + forwarder.udp().getPort());
        assertThat(forwarder.awaitLine("udp refused " + own + ": ")).contains("forbidden-target");
        added(UdpClient.from("127.0.0.1", forwarder.udp()))
                .send(P + forwarder.address("other").getPort());
        assertThat(forwarder.awaitLine("udp refused 127.0.0.1: ")).contains("forbidden-target");
        added(UdpClient.from("127.0.0.1", forwarder.address("other")))
                .send(P + forwarder.udp().getPort());
        assertThat(forwarder.awaitLine("other refused 127.0.0.1: ")).contains("forbidden-target");

        client().send("once").send("no loop");
        receiver.expect("once").expect("no loop");
        forwarder.assertIdle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1:9999", "239.255.255.250:1900", "255.255.255.255:9999"})
    void multicastAndBroadcastAreForbidden(String address) {
        var result = Launch.with("--set", "transports.udp.port=0", "--set", "host-address=127.0.0.1")
                .arg("--set")
                .arg("transports.udp.preconfig-addresses=" + address)
                .run();
        assertThat(result.exitCode()).as(result.errText()).isEqualTo(2);
        assertThat(result.errText())
                .contains(address.substring(0, address.indexOf(':')))
                .doesNotContain("\tat ");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1_472, 1_473, 9_000, 65_506, 65_507})
    void datagramsPassWhole(int size) {
        start();
        var bytes = Noise.random().slice(0, size);
        var one = client().register();
        var two = client().register();
        client().send(bytes).send("then");
        for (var receiver : List.of(one, two)) {
            assertThat(receiver.receive()).isEqualTo(bytes);
            receiver.expect("then");
        }
    }

    @Test
    void datagramAboveTheLimitIsDroppedWhole() {
        start("max-read-in-size=1000");
        var receiver = client().register();
        var bytes = Noise.random().slice(0, 1_001);
        var source = source();
        var sender = added(UdpClient.from(source, forwarder.udp()));
        sender.send(Arrays.copyOf(bytes, 1_000)).send(bytes).send("next");
        assertThat(receiver.receive()).isEqualTo(Arrays.copyOf(bytes, 1_000));
        receiver.expect("next");
        assertThat(forwarder.awaitLine("udp refused " + source + ": ")).contains("oversized");
    }

    @Test
    void tooLargeRegistrationRegistersNobody() {
        start("max-read-in-size=40");
        var receiver = client();
        receiver.send(P + receiver.port() + "\n".repeat(40));
        var good = client().register();
        client().send("one");
        good.expect("one");
        receiver.register();
        client().send("two");
        receiver.expect("two");
    }

    @Test
    void severalEndpointsAreSeveralGroups() {
        forwarder = Launch.with().yaml("""
                        host-address: 127.0.0.1
                        transports:
                          udp: { port: 0 }
                          telemetry: { type: udp, port: 0 }
                          a-third-one: { type: udp, port: 0, echo: true }
                        """).start();
        var groups = new ArrayList<List<UdpClient>>();
        for (var name : List.of("udp", "telemetry", "a-third-one")) {
            groups.add(List.of(
                    added(UdpClient.to(forwarder.address(name))).register(),
                    added(UdpClient.to(forwarder.address(name))).register()));
        }
        for (int i = 0; i < 3; i++) {
            groups.get(i).getFirst().send("of " + i);
        }
        for (int i = 0; i < 3; i++) {
            groups.get(i).getLast().expect("of " + i);
        }
        groups.getLast().getFirst().expect("of 2");
        for (int i = 0; i < 3; i++) {
            groups.get(i).getLast().send("fence " + i);
            groups.get(i).getFirst().expect("fence " + i);
        }
    }

    @Test
    void preconfiguredAddressesAreMembersFromTheStart() {
        try (var one = UdpClient.from("127.0.0.1", new InetSocketAddress("127.0.0.1", 9));
                var two = UdpClient.from("127.0.0.1", new InetSocketAddress("127.0.0.1", 9))) {
            start("transports.udp.preconfig-addresses=localhost:" + one.port() + ",127.0.0.1:" + two.port());
            client().send("hello");
            one.expect("hello");
            two.expect("hello");
            client().register().send("from a registered one");
            one.expect("from a registered one");
            two.expect("from a registered one");
        }
    }

    @Test
    void aPreconfiguredHostThatNobodyKnowsKeepsNobodyFromStarting() {
        forwarder = Launch.with("--set", "transports.udp.port=0", "--set", "host-address=127.0.0.1")
                .env("udp.preconfig_addresses", "no-such-host.invalid:9")
                .start();
        forwarder.awaitLine("no address is known yet for");
        forwarder.stop();
        assertThat(forwarder.err().matching(line -> line.contains("no-such-host.invalid")))
                .hasSize(1);
        assertThat(forwarder.err().toString()).doesNotContain("\tat ", "Exception");
    }

    @Test
    void datagramsLeaveFromTheListeningPort() {
        start();
        var receiver = client().register();
        client().send("where from?");
        assertThat(receiver.receivePacket().getSocketAddress()).isEqualTo(forwarder.udp());
    }

    @Test
    void datagramsLeaveFromTheAddressThatTheRegistrationWasSentTo() {
        var hosts = List.of("127.0.0.1", "127.3.0.7");
        forwarder = Launch.with("--set", "transports.udp.port=0")
                .env("SOCKETFORWARDER_HOST_ADDRESS", String.join(",", hosts))
                .start();
        int port = forwarder.udp().getPort();
        for (var host : hosts) {
            var to = new InetSocketAddress(host, port);
            // From one address, so that the forwarder cannot derive its source address from it.
            var receiver = added(UdpClient.from(new InetSocketAddress("127.0.0.1", 0), to))
                    .register();
            // To the same socket, so that it arrives after the registration.
            added(UdpClient.from(new InetSocketAddress("127.0.0.1", 0), to)).send("to " + host);
            assertThat(receiver.receivePacket().getSocketAddress()).isEqualTo(to);
        }
    }

    @Test
    void unreachableMemberCostsTheOthersNothing() {
        int closed = FreePorts.udp("127.0.0.1");
        start("transports.udp.preconfig-addresses=127.0.0.1:" + closed);
        var before = client().register();
        client().send(P + FreePorts.udp("127.0.0.1"));
        var after = client().register();
        var sender = client();
        for (int i = 0; i < 500; i++) {
            sender.send("message " + i);
            if (i % 20 == 19) {
                for (int n = i - 19; n <= i; n++) {
                    before.expect("message " + n);
                    after.expect("message " + n);
                }
            }
        }
        forwarder.assertIdle();
    }

    @Test
    void fiftyMembersGetAThousandDatagramsInOrder() {
        start();
        var members = new ArrayList<UdpClient>();
        for (int i = 0; i < 50; i++) {
            members.add(client().register());
        }
        var sender = client();
        for (int i = 0; i < 1_000; i++) {
            sender.send("message " + i);
            // No more in flight than any machine's default buffers hold.
            if (i % 50 == 49) {
                for (var member : members) {
                    for (int n = i - 49; n <= i; n++) {
                        member.expect("message " + n);
                    }
                }
            }
        }
    }

    @Test
    void registrationsAreLimited() {
        start("transports.udp.max-registrations=3", "transports.udp.max-registrations-per-address=0");
        var members = List.of(client().register(), client().register(), client().register());
        var source = source();
        var tooMany = added(UdpClient.from(source, forwarder.udp())).register();
        assertThat(forwarder.awaitLine("udp refused " + source + ": ")).contains("too-many-registrations");
        members.getFirst().register(); // an existing one is still refreshed
        tooMany.send("to the three");
        members.forEach(member -> member.expect("to the three"));
        members.getFirst().send("fence");
        members.get(1).expect("fence");
    }

    @Test
    void fourThousandNinetySixRegistrationsFitByDefault() {
        start("transports.udp.max-registrations-per-address=0");
        var first = client().register();
        // One source may register many ports, even without a listener there.
        var source = source();
        var registrant = added(UdpClient.from(source, forwarder.udp()));
        for (int port = 1; port <= 4_095; port++) {
            registrant.send(P + (10_000 + port));
            if (port % 64 == 0) {
                // Reading in between keeps the kernel's queue from overflowing.
                registrant.send("read up to here " + port);
                first.expect("read up to here " + port);
            }
        }
        client().send("all are in");
        first.expect("all are in");
        assertThat(forwarder.err().matching(line -> line.contains("refused"))).isEmpty();
        registrant.send(P + "9999");
        assertThat(forwarder.awaitLine("udp refused " + source + ": ")).contains("too-many-registrations");
    }

    @Test
    void bothFamiliesOnOneAddress() throws SocketException {
        Ipv6.require();
        forwarder = Launch.with("--set", "transports.udp.port=0", "--set", "host-address=::", "--set", "debug=true")
                .start();
        int port = forwarder.udp().getPort();
        var six =
                added(UdpClient.from("::1", new InetSocketAddress("::1", port))).register();
        var four = added(UdpClient.from("127.0.0.1", new InetSocketAddress("127.0.0.1", port)))
                .register();
        // Each family may have a socket of its own, so either registration may be read first.
        forwarder
                .err()
                .await(
                        2,
                        line -> line.contains("udp ") && line.contains(" joined "),
                        "two registrations",
                        Forwarder.LIMIT);
        four.send("from IPv4");
        six.expect("from IPv4").send("from IPv6");
        four.expect("from IPv6");
    }

    @Test
    void prefixIsConfigurable() {
        start("new-client-prefix=HELLO ");
        var receiver = client().send("HELLO ");
        client().send(P);
        receiver.expect(P);
    }
}
