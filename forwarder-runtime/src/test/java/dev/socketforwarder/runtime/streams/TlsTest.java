package dev.socketforwarder.runtime.streams;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Tls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class TlsTest {
    private static final String TLS_1_3 = "TLSv1.3";

    private static TestServer server(Map<String, Object> settings) throws IOException {
        return server(settings, TlsClient.tls(_ -> {}));
    }

    private static TestServer server(Map<String, Object> settings, Tls tls) throws IOException {
        var all = new HashMap<>(settings);
        all.put("tls", tls);
        return new TestServer(all);
    }

    private static byte[] pattern(int n) {
        var bytes = new byte[n];
        new Random(n).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"TLSv1.3, TLSv1.3", "TLSv1.2, TLSv1.3", "TLSv1.2, TLSv1.2"})
    void membersHearEachOther(String versionOfA, String versionOfB) throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, versionOfA, "g");
                var b = TlsClient.join(server, versionOfB, "g")) {
            a.send("hello");
            assertThat(b.readText(5)).isEqualTo("hello");
            b.send("and back");
            assertThat(a.readText(8)).isEqualTo("and back");
            assertThat(server.loops().tlsBuffers().used()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 1_000, 16_383, 16_384, 16_385, 65_536, 1 << 20, 5_000_001})
    void sizesAreWhole(int size) throws Exception {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            var sent = pattern(size);
            var done = TestClient.later(() -> {
                a.send(sent);
                return null;
            });
            assertThat(b.read(size)).isEqualTo(sent);
            done.get();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 100, 16_384})
    void smallReadsGetLargeRecordsInPieces(long readSize) throws Exception {
        try (var server = server(Map.of("max-read-in-size", readSize));
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            var sent = pattern(100_000);
            var done = TestClient.later(() -> {
                a.send(sent);
                return null;
            });
            assertThat(b.read(sent.length)).isEqualTo(sent);
            done.get();
            TestServer.await("no buffers", () -> server.loops().tlsBuffers().used() == 0);
        }
    }

    @Test
    void manySmallWritesKeepTheirOrder() throws Exception {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            var done = TestClient.later(() -> {
                for (int i = 0; i < 5_000; i++) {
                    a.send("%06d\n".formatted(i));
                }
                return null;
            });
            for (int i = 0; i < 5_000; i++) {
                assertThat(b.readText(7)).isEqualTo("%06d\n".formatted(i));
            }
            done.get();
        }
    }

    @Test
    void dataThatComesWithTheFirstMessageIsForwarded() throws IOException {
        try (var server = server(Map.of());
                var b = TlsClient.join(server, TLS_1_3, "g");
                var a = TlsClient.connect(server.address(), TLS_1_3)) {
            a.send(TestContext.PREFIX + "g\nearly" + "x".repeat(10_000));
            assertThat(b.readText(10_005)).startsWith("earlyxxx");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void recordsMayComeByteByByte(String version) throws IOException {
        try (var server = server(Map.of());
                var b = TlsClient.join(server, TLS_1_3, "g");
                var slow = new TricklingProxy(server.address());
                var a = TlsClient.over(new TestClient(slow.address(), 0).socket, version)) {
            a.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(2);
            a.send("one by one");
            assertThat(b.readText(10)).isEqualTo("one by one");
        }
    }

    @Test
    void slowReaderIsPacedForAndLosesNothing() throws Exception {
        try (var server = server(Map.of());
                var slow = TlsClient.over(new TestClient(server.address(), 4_096).socket, TLS_1_3);
                var fast = TlsClient.join(server, TLS_1_3, "g");
                var a = TlsClient.join(server, TLS_1_3, "g")) {
            slow.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(3);
            var sent = pattern(30_000_000);
            var done = TestClient.later(() -> {
                a.send(sent);
                return null;
            });
            var fastHeard = TestClient.later(() -> fast.read(sent.length));
            server.awaitQuiet();
            assertThat(done).as("the sender is paused").isNotDone();
            assertThat(slow.read(sent.length)).isEqualTo(sent);
            assertThat(fastHeard.get()).isEqualTo(sent);
            done.get();
        }
    }

    @Test
    void stalledHandshakeEndsAtTheDeadline() throws IOException {
        try (var server = server(Map.of("first-message-timeout", Duration.ofMillis(200)))) {
            var client = server.connect();
            client.send(new byte[] {22, 3, 1, 2, 0});
            client.awaitClosed();
            server.awaitOnce(Reason.TLS_HANDSHAKE_TIMEOUT);
            server.awaitNoConnections();
            assertThat(server.loops().tlsBuffers().used()).isZero();
        }
    }

    @Test
    void theFirstMessageHasTheRestOfTheTime() throws IOException {
        try (var server = server(Map.of("first-message-timeout", Duration.ofMillis(500)));
                var client = TlsClient.connect(server.address(), TLS_1_3)) {
            client.handshake();
            assertThat(client.readToEnd()).isEmpty();
            server.awaitOnce(Reason.FIRST_MESSAGE_TIMEOUT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", TLS_1_3})
    void aRefusedClientIsToldWhyThroughTls(String version) throws IOException {
        try (var server = server(Map.of("refusal-reply", true));
                var client = TlsClient.connect(server.address(), version)) {
            client.handshake();
            client.send("HELLO\n");
            assertThat(new String(client.readToEnd(), StandardCharsets.US_ASCII))
                    .isEqualTo("SOCKETFORWARDER-REFUSED:wrong-prefix\n");
        }
    }

    @Test
    void aPlainClientOfATlsEndpointGetsNoLine() throws IOException {
        try (var server = server(Map.of("refusal-reply", true))) {
            var client = server.connect();
            client.send("HELLO\n");
            assertThat(new String(client.readToEnd(), StandardCharsets.US_ASCII))
                    .doesNotContain("REFUSED");
            server.awaitOnce(Reason.NOT_TLS);
        }
    }

    @Test
    void plainClientIsTold() throws IOException {
        try (var server = server(Map.of())) {
            var client = server.connect();
            client.send(TestContext.PREFIX + "g\n");
            client.awaitClosed();
            server.awaitOnce(Reason.NOT_TLS);
        }
    }

    @Test
    void tlsClientOfPlainEndpointIsTold() throws IOException {
        try (var server = new TestServer(Map.of());
                var client = TlsClient.connect(server.address(), TLS_1_3)) {
            assertThatThrownBy(client::handshake).isInstanceOf(IOException.class);
            server.awaitOnce(Reason.UNEXPECTED_TLS);
        }
    }

    @Test
    void garbageIsRefusedAndHurtsNobody() throws IOException {
        long seed = System.nanoTime();
        System.out.println("garbage with seed " + seed);
        var random = new Random(seed);
        try (var server = server(Map.of());
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            for (int i = 0; i < 100; i++) {
                try (var client = server.connect()) {
                    var bytes = new byte[5 + random.nextInt(2_000)];
                    random.nextBytes(bytes);
                    bytes[0] = 22;
                    bytes[1] = 3;
                    bytes[2] = (byte) random.nextInt(5);
                    bytes[3] = 0; // the record is whole, since the server would wait for the rest of a longer one
                    bytes[4] = (byte) random.nextInt(Math.min(256, bytes.length - 4));
                    client.send(bytes);
                    client.shutOutput();
                    client.awaitClosed();
                } catch (IOException _) {
                    // The server reset the connection during the send.
                } catch (AssertionError _) {
                    // The server sent an alert before it ended the connection.
                }
            }
            TestServer.await("all refused", () -> server.count(Reason.TLS_HANDSHAKE_FAILED) == 100);
            a.send("still here");
            assertThat(b.readText(10)).isEqualTo("still here");
        }
    }

    @Test
    void forgedRecordEndsThatMemberAlone() throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            var raw = new TestClient(server.address(), 0);
            var forger = TlsClient.over(raw.socket, TLS_1_3);
            forger.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(3);
            raw.send(new byte[] {23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20
            });
            server.awaitMembers(2);
            server.awaitOnce(Reason.TLS_FAILED);
            a.send("still here");
            assertThat(b.readText(10)).isEqualTo("still here");
            raw.close();
        }
    }

    @Test
    void renegotiationIsRefused() throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, "TLSv1.2", "g")) {
            a.handshake();
            assertThatThrownBy(() -> {
                        while (true) {
                            a.read(1);
                        }
                    })
                    .isInstanceOfAny(IOException.class, AssertionError.class);
            server.awaitOnce(Reason.TLS_FAILED);
            server.awaitMembers(0);
        }
    }

    @Test
    void neededCertificateMustBeThere() throws IOException {
        try (var server = server(Map.of(), TlsClient.tls(engine -> engine.setNeedClientAuth(true)));
                var without = TlsClient.connect(server.address(), "TLSv1.2");
                var with = TlsClient.connect(server.address(), TLS_1_3, TlsClient.SENSOR)) {
            assertThatThrownBy(without::handshake).isInstanceOf(IOException.class);
            server.awaitOnce(Reason.TLS_HANDSHAKE_FAILED);
            with.send(TestContext.PREFIX + "g\n");
            server.awaitMembers(1);
        }
    }

    @Test
    void wantedCertificateMayBeMissing() throws IOException {
        try (var server = server(Map.of(), TlsClient.tls(engine -> engine.setWantClientAuth(true)));
                var without = TlsClient.join(server, TLS_1_3, "g");
                var with = TlsClient.connect(server.address(), TLS_1_3, TlsClient.SENSOR)) {
            with.send(TestContext.PREFIX + "g\nhi");
            assertThat(without.readText(2)).isEqualTo("hi");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void memberThatLeavesInGoodOrderIsToldSo(String version) throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, version, "g");
                var b = TlsClient.join(server, version, "g")) {
            a.send("bye");
            a.shutOutput();
            assertThat(b.readText(3)).isEqualTo("bye");
            assertThat(a.readToEnd()).isEmpty(); // a cut stream would throw
            server.awaitOnce(Reason.PEER_CLOSED);
        }
    }

    @Test
    void halfClosedMemberStaysAsReceiver() throws IOException {
        try (var server = server(Map.of("half-close", "keep"));
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            a.send("my last");
            a.shutOutput();
            assertThat(b.readText(7)).isEqualTo("my last");
            b.send("for the listener");
            assertThat(a.readText(16)).isEqualTo("for the listener");
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(100);
        }
    }

    @Test
    void memberWithTls12CannotBeHalfClosed() throws IOException {
        try (var server = server(Map.of("half-close", "keep"));
                var a = TlsClient.join(server, "TLSv1.2", "g")) {
            a.shutOutput();
            assertThat(a.readToEnd()).isEmpty();
            server.awaitOnce(Reason.PEER_CLOSED);
            server.awaitMembers(0);
        }
    }

    @Test
    void mixedGroupKeepsEachSendersOrder() throws Exception {
        int members = 20;
        int messages = 200;
        try (var server = new TestServer(Map.of())) {
            var tls = new ListeningTransport().open(server.context.with("tls", TlsClient.tls(_ -> {})));
            tls.start();
            var address = (InetSocketAddress) tls.localAddresses().getFirst();
            var sockets = new ArrayList<Socket>();
            for (int i = 0; i < members; i++) {
                sockets.add(
                        i % 2 == 0
                                ? new TestClient(server.address(), 0).socket
                                : TlsClient.connect(address, i % 4 == 1 ? "TLSv1.2" : TLS_1_3).socket);
                sockets.getLast().getOutputStream().write((TestContext.PREFIX + "g\n").getBytes());
            }
            server.awaitMembers(members);
            var done = new ArrayList<CompletableFuture<?>>();
            for (int i = 0; i < members; i++) {
                var socket = sockets.get(i);
                int sender = i;
                done.add(TestClient.later(() -> {
                    for (int m = 0; m < messages; m++) {
                        socket.getOutputStream()
                                .write("%02d:%04d\n".formatted(sender, m).getBytes());
                    }
                    return null;
                }));
                done.add(TestClient.later(() -> {
                    var next = new int[members];
                    for (int m = 0; m < messages * (members - 1); m++) {
                        var text = new String(socket.getInputStream().readNBytes(8));
                        int from = Integer.parseInt(text.substring(0, 2));
                        assertThat(Integer.parseInt(text.substring(3, 7))).isEqualTo(next[from]++);
                    }
                    assertThat(next[sender]).isZero();
                    return null;
                }));
            }
            for (var each : done) {
                each.get();
            }
            for (var socket : sockets) {
                socket.close();
            }
            tls.stop(Duration.ofSeconds(2));
        }
    }

    @Test
    void cutConnectionIsAnEndLikeAnother() throws IOException {
        try (var server = server(Map.of());
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            var raw = new TestClient(server.address(), 0);
            var a = TlsClient.over(raw.socket, TLS_1_3);
            a.send(TestContext.PREFIX + "g\nlast words");
            assertThat(b.readText(10)).isEqualTo("last words");
            raw.shutOutput();
            server.awaitMembers(1);
            server.awaitOnce(Reason.PEER_CLOSED);
            raw.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void stopSaysGoodbyeAfterAllThatWasRead(String version) throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, version, "g");
                var b = TlsClient.join(server, version, "g")) {
            a.send("last words");
            server.endpoint.quiesce(Duration.ofSeconds(5));
            server.endpoint.stop(Duration.ofSeconds(5));
            assertThat(new String(b.readToEnd())).isEqualTo("last words"); // a cut stream would throw
            assertThat(a.readToEnd()).isEmpty();
            assertThat(server.loops().tlsBuffers().used()).isZero();
        }
    }

    @Test
    void idleMembersHoldNoBuffersAndWakeNobody() throws IOException {
        try (var server = server(Map.of());
                var a = TlsClient.join(server, TLS_1_3, "g");
                var b = TlsClient.join(server, TLS_1_3, "g")) {
            a.send("x".repeat(100_000));
            b.read(100_000);
            assertThat(TestServer.cpuMsWhileIdle()).isLessThan(60);
            assertThat(server.loops().tlsBuffers().used()).isZero();
            assertThat(server.count(Counter.BYTES_OUT)).isEqualTo(100_000);
        }
    }
}
