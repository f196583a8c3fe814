package dev.socketforwarder.transport.udp.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Groups;
import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Settings;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.transport.udp.BothPaths;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.UdpTransport;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import dev.socketforwarder.transport.udp.settings.UdpSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the datagrams that ask for a registration. */
@BothPaths
@Timeout(60)
class AdmissionTest {
    @Parameter
    private IoPath io;

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(new Handshake.Declined(Reason.WRONG_PREFIX), Reason.WRONG_PREFIX),
                Arguments.of(new Handshake.Rejected(Reason.NOT_ADMITTED), Reason.NOT_ADMITTED),
                Arguments.of(new Handshake.Rejected(Reason.BAD_GROUP_ID), Reason.BAD_PORT),
                Arguments.of(new Handshake.NeedMore(), Reason.FIRST_MESSAGE_INCOMPLETE),
                Arguments.of(new Handshake.Challenge(ByteBuffer.allocate(8)), Reason.NOT_ADMITTED),
                Arguments.of(new Handshake.Admitted("", 3), Reason.BAD_PORT));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whoeverIsNotAdmittedIsCountedAndNotForwarded(Outcome outcome, Reason reason) throws IOException {
        assertRefused((_, _, _) -> outcome, reason);
    }

    @Test
    void aHandshakeThatThrowsCostsThisPeerAlone() throws IOException {
        assertRefused(
                (_, _, _) -> {
                    throw new IllegalStateException("a broken policy");
                },
                Reason.HANDSHAKE_FAILED);
        assertRefused(
                (_, _, _) -> {
                    throw new NoClassDefFoundError("a policy without its library");
                },
                Reason.HANDSHAKE_FAILED);
    }

    private void assertRefused(Handshake handshake, Reason reason) throws IOException {
        var context = new OwnHandshake(new TestContext("udp", TestServer.settings(io), TestServer.groups()), handshake);
        var endpoint = new UdpTransport().open(context);
        endpoint.start();
        try (var a = new TestPeer((InetSocketAddress) endpoint.localAddresses().getFirst())) {
            a.register();
            TestServer.await(() -> context.counters().get(reason) == 1, reason.label());
            assertThat(context.counters().get(Counter.JOINED)).isZero();
            assertThat(context.counters().get(Counter.READS)).isZero();
        } finally {
            endpoint.stop(Duration.ofSeconds(1));
        }
    }

    @Test
    void theHandshakeIsAskedWithTheWholeDatagramAndBothAddresses() throws IOException {
        var asked = new LinkedBlockingQueue<String>();
        Handshake handshake = (peer, bytes, arrival) -> {
            asked.add(StandardCharsets.UTF_8.decode(bytes) + " " + arrival + " " + peer.remote() + " " + peer.local()
                    + " " + bytes.isReadOnly());
            return new Handshake.Rejected(Reason.NOT_ADMITTED);
        };
        var context = new OwnHandshake(new TestContext("udp", TestServer.settings(io), TestServer.groups()), handshake);
        var endpoint = new UdpTransport().open(context);
        endpoint.start();
        var address = (InetSocketAddress) endpoint.localAddresses().getFirst();
        try (var a = new TestPeer(address)) {
            a.register("12\nx");
            TestServer.await(() -> !asked.isEmpty(), "a question");
            assertThat(asked.remove())
                    .isEqualTo("SOCKETFORWARDER-NEW:12\nx " + Arrival.DATAGRAM + " /127.0.0.1:" + a.port() + " "
                            + address + " true");
        } finally {
            endpoint.stop(Duration.ofSeconds(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"open", "auto", "challenge"})
    void whateverFollowsAPrefixIsNeverForwardedAndNeverEndsTheEndpoint(String mode) throws IOException {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        try (var a = new TestPeer(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 9));
                var server = TestServer.start(TestServer.settings(io)
                        .set("registration", mode)
                        .set("preconfig-addresses", "127.0.0.1:" + a.port()));
                var outsider = server.peer()) {
            for (int i = 0; i < 5000; i++) {
                var start = random.nextBoolean() ? UdpSettings.DEFAULT_PREFIX : MemberSettings.DEFAULT_LEAVE_PREFIX;
                var prefix = start.getBytes(StandardCharsets.UTF_8);
                var bytes = new byte[prefix.length + random.nextInt(12)];
                random.nextBytes(bytes);
                System.arraycopy(prefix, 0, bytes, 0, prefix.length);
                // A number would register another port.
                if (bytes.length > prefix.length && bytes[prefix.length] >= '0' && bytes[prefix.length] <= '9') {
                    continue;
                }
                outsider.send(bytes);
            }
            outsider.send("after all");
            assertThat(a.receiveText()).as("seed %d", seed).isEqualTo("after all");
            assertThat(server.count(Reason.INTERNAL_ERROR)).as("seed %d", seed).isZero();
            assertThat(server.count(Reason.HANDSHAKE_FAILED))
                    .as("seed %d", seed)
                    .isZero();
        }
    }

    private record OwnHandshake(TestContext context, Handshake own) implements TransportContext {
        @Override
        public String name() {
            return context.name();
        }

        @Override
        public Settings settings() {
            return context.settings();
        }

        @Override
        public Groups groups() {
            return context.groups();
        }

        @Override
        public Handshake handshake(List<String> defaults) {
            assertThat(defaults).containsExactly("prefix");
            return own;
        }

        @Override
        public Counters counters() {
            return context.counters();
        }

        @Override
        public void refused(Reason reason, SocketAddress source, String detail, ByteBuffer offending) {
            context.refused(reason, source, detail, offending);
        }

        @Override
        public int parallelism() {
            return 1;
        }
    }
}
