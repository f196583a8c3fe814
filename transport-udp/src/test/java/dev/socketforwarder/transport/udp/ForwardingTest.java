package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests which members get a datagram. */
@BothPaths
@Timeout(60)
class ForwardingTest {
    @Parameter
    private IoPath io;

    @Test
    void aMembersDatagramReachesAllOthersAndNotItself() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var b = server.member();
                var c = server.member();
                var outsider = server.peer()) {
            a.send("hello");

            assertThat(b.receiveText()).isEqualTo("hello");
            assertThat(c.receiveText()).isEqualTo("hello");
            outsider.isNextHeardBy(a);
        }
    }

    @Test
    void anUnregisteredSendersDatagramReachesAllMembers() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var b = server.member();
                var outsider = server.peer()) {
            outsider.send("hello");

            assertThat(a.receiveText()).isEqualTo("hello");
            assertThat(b.receiveText()).isEqualTo("hello");
        }
    }

    @Test
    void datagramsLeaveFromTheListeningPort() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send("hello");

            assertThat(a.receivePacket().getSocketAddress()).isEqualTo(server.address());
        }
    }

    @Test
    void echoGivesTheSenderItsOwnDatagramsToo() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("echo", true));
                var a = server.member();
                var b = server.member()) {
            a.send("hello");

            assertThat(a.receiveText()).isEqualTo("hello");
            assertThat(b.receiveText()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1472, 9000, 65_507})
    void aDatagramPassesWhole(int size) throws IOException {
        var sent = new byte[size];
        new Random(size).nextBytes(sent);
        try (var server = TestServer.start(io);
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send(sent);
            outsider.send("after");

            assertThat(a.receive()).isEqualTo(sent);
            assertThat(a.receiveText()).isEqualTo("after");
        }
    }

    @ParameterizedTest
    @CsvSource({"100,101", "100,65507", "65506,65507"})
    void aDatagramAboveTheLimitIsDroppedWholeAndCounted(int limit, int size) throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("max-read-in-size", limit));
                var a = server.member();
                var outsider = server.peer()) {
            outsider.send(new byte[size]);
            outsider.send(new byte[limit]);

            assertThat(a.receive()).hasSize(limit);
            server.awaitCount(Reason.OVERSIZED, 1);
        }
    }

    @Test
    void anOversizedRegistrationIsDroppedToo() throws IOException {
        try (var server = TestServer.start(TestServer.settings(io).set("max-read-in-size", 10));
                var a = server.peer()) {
            a.register();

            server.awaitCount(Reason.OVERSIZED, 1);
            assertThat(server.count(Counter.JOINED)).isZero();
        }
    }

    @Test
    void tenThousandDatagramsArriveInOrder() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var b = server.member();
                var sender = server.member()) {
            int count = 10_000;
            int window = 64;
            for (int sent = 0; sent < count + window; sent++) {
                if (sent < count) {
                    sender.send(ByteBuffer.allocate(4).putInt(sent).array());
                }
                if (sent >= window) {
                    assertThat(ByteBuffer.wrap(a.receive()).getInt()).isEqualTo(sent - window);
                    assertThat(ByteBuffer.wrap(b.receive()).getInt()).isEqualTo(sent - window);
                }
            }

            TestServer.await(() -> server.count(Counter.WRITES) == 2L * count, "all counted");
            server.awaitCount(Counter.READS, count);
            server.awaitCount(Counter.BYTES_IN, 4L * count);
            server.awaitCount(Counter.BYTES_OUT, 8L * count);
        }
    }

    @Test
    void aMemberWithoutASocketCostsTheOthersNothing() throws IOException {
        try (var server = TestServer.start(io);
                var a = server.member();
                var gone = server.member();
                var b = server.member()) {
            gone.socket.close();
            for (int i = 0; i < 100; i++) {
                a.send("hello " + i);
                assertThat(b.receiveText()).isEqualTo("hello " + i);
            }
        }
    }
}
