package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the transport {@code websocket} of the image, with the JDK's own client as a peer. */
@Timeout(120)
class WebSocketTest {
    private static final String PATH = "/groups/room";
    /** A group that the UDP endpoint, whose member is there first, has not made with its own settings. */
    private static final String OTHER_PATH = "/groups/other";

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Forwarder forwarder;

    @AfterEach
    void close() {
        if (forwarder != null) {
            opened.add(0, forwarder);
        }
        Closing.all(opened.reversed());
    }

    /** Start a forwarder whose groups have lines as messages, with these settings of the WebSocket endpoint. */
    private void start(String more) {
        forwarder = Launch.with()
                .yaml("""
                host-address: 127.0.0.1
                debug: true
                framing: line
                transports:
                  tcp: { port: 0 }
                  udp: { port: 0, group: room }
                  websocket: { port: 0%s }
                """.formatted(more.isEmpty() ? "" : ", " + more))
                .start();
    }

    private <T extends AutoCloseable> T add(T resource) {
        opened.add(resource);
        return resource;
    }

    private WebSocketClient join() {
        return join(PATH);
    }

    private WebSocketClient join(String path) {
        return add(WebSocketClient.join(forwarder.address("websocket"), path));
    }

    private TcpClient joinByTcp() {
        return add(forwarder.join("room"));
    }

    private HttpResponse<String> ask(String path, String... headers) throws Exception {
        return ask(HttpRequest.newBuilder(WebSocketClient.uri("http", forwarder.address("websocket"), path)), headers);
    }

    private static HttpResponse<String> ask(HttpRequest.Builder request, String... headers) throws Exception {
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        var http = HttpClient.newHttpClient();
        try {
            return http.sendAsync(request.build(), BodyHandlers.ofString())
                    .get(Forwarder.LIMIT.toSeconds(), TimeUnit.SECONDS);
        } finally {
            http.shutdownNow();
        }
    }

    @Test
    void betweenWebSocketsTextStaysTextAndBytesStayBytes() {
        start("");
        var one = join();
        var other = join();
        one.send("hello")
                .send(new byte[] {0, (byte) 0xff})
                .send("")
                .sendPart("in ", false)
                .sendPart("parts", true);
        other.expect("text hello").expect("binary 00ff").expect("text ").expect("text in parts");
        other.send("ä🜁");
        one.expect("text ä🜁");
    }

    @Test
    void tcpAndUdpAreInTheSameGroup() {
        start("");
        var udp = add(UdpClient.to(forwarder.udp()));
        var sensor = add(UdpClient.to(forwarder.udp()));
        udp.registerUntilHeard(sensor, "now");
        var web = join();
        var tcp = joinByTcp();

        tcp.send("from tcp\n");
        web.expect("binary " + HexFormat.of().formatHex("from tcp".getBytes(StandardCharsets.UTF_8)));
        web.send("from web");
        tcp.expect("from web\n");
        await().atMost(Forwarder.LIMIT)
                .until(() -> new String(udp.receive(), StandardCharsets.UTF_8), "from web"::equals);
        sensor.send(new byte[] {1, (byte) 0xff});
        web.expect("binary 01ff");
    }

    @Test
    void messagesWithoutAKindMayBeText() {
        start("text: true");
        var web = join();
        var tcp = joinByTcp();
        tcp.send("täxt\n").send(new byte[] {(byte) 0xff, '\n'});
        web.expect("text täxt").expect("binary ff");
    }

    @Test
    void largeMessagesArrive() {
        start("deflate: true, max-message-size: 1MiB");
        var one = join();
        var other = join();
        var large = "0123456789abcdef".repeat(1 << 16);
        one.send(large);
        other.expect("text " + large);
    }

    @Test
    void aGroupsNameMayHaveAnyCharacters() {
        start("");
        var web = join("/groups/%C3%A4%20%2F%3F");
        var tcp = add(forwarder.join("ä /?"));
        tcp.send("a\n");
        web.expect("binary 61");
    }

    @Test
    void pingsAreAnswered() {
        start("");
        join().ping(125).expect("pong 125");
    }

    @Test
    void aCloseIsAnswered() {
        start("");
        join().finish(1000).expect("close 1000 ");
        forwarder.awaitLine(line -> line.contains(" left ") && line.contains("peer-closed"), "peer-closed");
    }

    @Test
    void theStopIsToldBehindWhatWaits() {
        start("");
        var web = join();
        joinByTcp().send("last\n");
        web.expect("binary 6c617374");
        forwarder.terminate();
        web.expect("close 1001 stopped");
        assertThat(forwarder.awaitExit()).isZero();
    }

    @Test
    void aMessageThatIsTooLargeIsTold() {
        start("max-message-size: 1KiB");
        join(OTHER_PATH).send("a".repeat(1_025)).expect("close 1009 a message of more than 1024 bytes");
        forwarder.awaitLine("message-too-large");
    }

    /** {@return a client that sends what no library would send, after its upgrade, whose request and answer have this header too} */
    private TcpClient upgraded(String asked, String answered) {
        var raw = add(TcpClient.connect(forwarder.address("websocket")));
        raw.send("GET /groups/room HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + asked + "\r\n");
        return raw.expect("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" + answered + "\r\n");
    }

    /** What is restored from a small frame is larger than the heap. */
    @Test
    void aLargeMessageThatIsRestoredCountsAsQueued() {
        forwarder = Launch.with().env("JDK_JAVA_OPTIONS", "-Xmx64m").yaml("""
                host-address: 127.0.0.1
                max-message-size: 256MiB
                transports: { websocket: { port: 0, deflate: true } }
                """).start();
        var raw = upgraded(
                "Sec-WebSocket-Extensions: permessage-deflate\r\n",
                "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n");
        var message = deflated(200 << 20);
        raw.send(ByteBuffer.allocate(14 + message.length)
                .put((byte) 0xc2)
                .put((byte) 0xff)
                .putLong(message.length)
                .putInt(0) // the mask
                .put(message)
                .array());
        assertThat(raw.receive(4)).startsWith(0x88).endsWith(1013 >> 8, 1013 & 0xff);
        raw.awaitClosed();
        forwarder.awaitLine(line -> line.contains("out-of-queue") && line.endsWith("in \"room\""), "out-of-queue");
    }

    /** {@return so many zeros as permessage-deflate sends them} */
    private static byte[] deflated(int zeros) {
        var deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
        var some = new byte[1 << 20];
        var all = new ByteArrayOutputStream();
        for (int left = zeros; left > 0; left -= some.length) {
            deflater.setInput(new byte[some.length]);
            int n;
            while ((n = deflater.deflate(some, 0, some.length, Deflater.SYNC_FLUSH)) > 0) {
                all.write(some, 0, n);
            }
        }
        deflater.end();
        return Arrays.copyOf(all.toByteArray(), all.size() - 4);
    }

    @Test
    void framesWithoutAMaskAreTold() {
        start("");
        var raw = upgraded("", "");
        raw.send(new byte[] {(byte) 0x81, 0});
        assertThat(raw.receive(4)).startsWith(0x88).endsWith(1002 >> 8, 1002 & 0xff);
        raw.awaitClosed();
        forwarder.awaitLine("protocol-error");
    }

    @Test
    void silenceIsPinged() {
        start("idle-timeout: 2s");
        var web = join();
        for (int i = 0; i < 4; i++) {
            web.expect("ping"); // the answers keep it
        }
    }

    @Test
    void refusalsCanBeRead() throws Exception {
        start("max-group-members: 1");
        assertThat(ask("/").statusCode()).isEqualTo(404);
        assertThat(ask("/").body()).contains("/groups/<ID>");
        assertThat(ask(PATH).statusCode()).isEqualTo(426);
        assertThat(ask("/groups/%00").statusCode()).isEqualTo(400);
        assertThat(ask(PATH + "/events", "Origin", "http://evil.example").statusCode())
                .isEqualTo(403);
        join(OTHER_PATH);
        var full = ask(OTHER_PATH + "/events");
        assertThat(full.statusCode()).isEqualTo(503);
        assertThat(full.body()).contains("too many members");
        forwarder.awaitLine("too-many-members");
    }

    @Test
    void aClientOfAnotherProtocolIsTold() {
        start("");
        var tcp = add(TcpClient.connect(forwarder.address("websocket")));
        tcp.join("room").expect("HTTP/1.1 400 Bad Request\r\n");
        tcp.awaitClosed();
    }

    @ParameterizedTest
    @CsvSource({"160301020001, unexpected-tls", "80ff00, protocol-error"})
    void whatIsNoTextIsRefusedAtOnce(String bytes, String reason) {
        start("first-message-timeout: 1h");
        var tcp = add(TcpClient.connect(forwarder.address("websocket")));
        tcp.send(HexFormat.of().parseHex(bytes)).expect("HTTP/1.1 400 Bad Request\r\n");
        tcp.awaitClosed();
        forwarder.awaitLine(reason);
    }

    @Test
    void longRequestsOfBrowsersFit() throws Exception {
        start("");
        assertThat(ask(PATH, "Cookie", "c".repeat(6_000)).statusCode()).isEqualTo(426);
        assertThat(ask(PATH, "Cookie", "c".repeat(60_000)).statusCode()).isEqualTo(431);
    }

    private String signed(String group) {
        var made = Launch.with(
                        "token",
                        "--group",
                        group,
                        "--ttl",
                        "1h",
                        "--config",
                        folder.resolve("token.yaml").toString())
                .run();
        assertThat(made.exitCode()).as(made.errText()).isZero();
        return made.outText().strip();
    }

    @Test
    void tokensAdmit() throws Exception {
        var secret = Files.writeString(folder.resolve("secret"), "0123456789abcdef0123456789abcdef\n");
        Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
        var file = Files.writeString(folder.resolve("token.yaml"), """
                host-address: 127.0.0.1
                debug: true
                transports:
                  websocket: { port: 0, handshake: [token], query-token: true, token-signing-secret-file: %s }
                """.formatted(secret));
        forwarder = Launch.with("--config", file.toString()).start();
        var token = signed("room");
        var web = add(WebSocketClient.join(
                forwarder.address("websocket"), PATH, builder -> builder.subprotocols("token." + token)));
        assertThat(web.subprotocol()).isEqualTo("token." + token);
        add(WebSocketClient.join(
                forwarder.address("websocket"), PATH, builder -> builder.header("Authorization", "Bearer " + token)));
        join(PATH + "?token=" + token);

        assertThat(ask(PATH + "/events").statusCode()).isEqualTo(401);
        assertThat(ask("/groups/other/events", "Authorization", "Bearer " + token)
                        .statusCode())
                .isEqualTo(401);
        assertThat(ask(PATH + "/events", "Authorization", "Bearer " + token.replace('.', ','))
                        .statusCode())
                .isEqualTo(401);
        forwarder.stop();
        assertThat(forwarder.err().toString()).contains("bad-token").doesNotContain(token);
    }

    @Test
    void tlsIsThatOfTheEndpoint() {
        var certificates = new Certificates(folder);
        certificates.issue("server");
        start("tls: { certificate: %s, key: %s }"
                .formatted(
                        certificates.certificate("server", folder.resolve("server.crt")),
                        certificates.key("server", folder.resolve("server.key"))));
        var web = add(WebSocketClient.joinSecurely(forwarder.address("websocket"), PATH, certificates.context()));
        var tcp = joinByTcp();
        tcp.send("a\n");
        web.expect("binary 61").send("b");
        tcp.expect("b\n");
    }

    @Test
    void eventsAreStreamedAndBodiesPublished() throws Exception {
        start("");
        var events = add(TcpClient.connect(forwarder.address("websocket")));
        events.send("GET /groups/room/events HTTP/1.1\r\nHost: a\r\n\r\n");
        events.expect("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n"
                + "X-Accel-Buffering: no\r\nConnection: close\r\n\r\n");
        var web = join();
        var tcp = joinByTcp();
        web.send("two\nlines");
        events.expect("data: two\ndata: lines\n\n");
        tcp.send("bytes\n");
        events.expect("event: binary\ndata: Ynl0ZXM=\n\n");

        var posted = ask(
                HttpRequest.newBuilder(WebSocketClient.uri("http", forwarder.address("websocket"), PATH))
                        .POST(HttpRequest.BodyPublishers.ofString("a body")),
                "Content-Type",
                "text/plain");
        assertThat(posted.statusCode()).isEqualTo(204);
        events.expect("data: a body\n\n");
        web.expect("binary 6279746573").expect("text a body");
        tcp.expect("a body\n"); // the other text has two lines, and a message of this group is one
    }

    @Test
    void changedRulesHoldForNewConnections() throws Exception {
        var file = folder.resolve("forwarder.yaml");
        var before =
                "host-address: 127.0.0.1\ncontrol-socket: off\ndebug: true\ntransports: { websocket: { port: 0%s } }\n";
        Files.writeString(file, before.formatted(""));
        forwarder = Launch.with("--config", file.toString()).start();
        var web = join();
        assertThat(ask(PATH, "Origin", "http://page.example").statusCode()).isEqualTo(403);
        Files.writeString(file, before.formatted(", origins: [\"http://page.example\"]"));
        forwarder.signal("HUP");
        await().atMost(Forwarder.LIMIT)
                .until(() -> ask(PATH, "Origin", "http://page.example").statusCode() == 426);
        var other = join(); // no browser, and so no origin
        other.send("still there");
        web.expect("text still there");
    }

    @Test
    void withoutAnEndpointThePluginIsNotLoaded() {
        forwarder = Launch.onFreePorts().start();
        forwarder.awaitLine("transports: [tcp, udp], ");
    }
}
