package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the transport {@code websocket} with what its users use: a browser with the page of docs/WEBSOCKET.md, clients in Python and
 * Node, curl, and proxies. {@code script/test} installs them.
 */
@Timeout(120)
class WebSocketPeersTest {
    /** Says what it hears, and answers each text in capitals. */
    private static final String PYTHON = """
            import asyncio, sys, websockets
            async def main(uri, compression):
                async with websockets.connect(uri, compression=compression) as ws:
                    print("joined", bool(ws.extensions), flush=True)
                    async for message in ws:
                        if isinstance(message, str):
                            print("text", message, flush=True)
                            await ws.send(message.upper())
                        else:
                            print("binary", message.hex(), flush=True)
                            await ws.send(message + b"\\xff")
                print("closed", ws.close_code, ws.close_reason, flush=True)
            asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
            """;

    private static final String NODE = """
            const WebSocket = require("ws");
            const ws = new WebSocket(process.argv[2], { perMessageDeflate: process.argv[3] === "deflate" });
            ws.on("open", () => console.log("joined", ws.extensions !== ""));
            ws.on("message", (data, isBinary) => {
              console.log(isBinary ? "binary" : "text", isBinary ? data.toString("hex") : data.toString());
              ws.send(isBinary ? Buffer.concat([data, Buffer.from([255])]) : data.toString().toUpperCase());
            });
            ws.on("close", (code, reason) => console.log("closed", code, reason.toString()));
            ws.on("error", error => console.log("error", error.message));
            """;

    @TempDir
    private Path folder;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Recipe recipe;
    private Forwarder forwarder;

    @AfterEach
    void close() {
        Closing.all(opened.reversed());
    }

    private <T extends AutoCloseable> T add(T resource) {
        opened.add(resource);
        return resource;
    }

    /** Start a forwarder with a block of the page, or with it and more settings of the WebSocket endpoint. */
    private void start(String file, String more) throws IOException {
        recipe = new Recipe("../WEBSOCKET", folder).tcp(6753).tcp(8080).tcp(8081);
        var written = recipe.write(file);
        var text = Files.readString(written);
        Files.writeString(
                written,
                "framing: line\nhost-address: 127.0.0.1\n" + text.replace("websocket: { ", "websocket: { " + more)
                        + "  udp: { port: 0, group: demo }\n");
        forwarder = add(recipe.forwarder(file));
    }

    private Program client(String program, String arguments) {
        var source = program.equals("node") ? recipe.write("client.js", NODE) : recipe.write("client.py", PYTHON);
        // Debian's libraries, for Debian's Python and whatever Node.
        var command = program.equals("node") ? "NODE_PATH=/usr/share/nodejs exec node " : "exec /usr/bin/python3 ";
        return add(recipe.run(command + source + " " + arguments));
    }

    private static void awaitLine(Program program, String line) {
        program.out().await(1, each -> each.equals(line), line, Forwarder.LIMIT);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python3"})
    void otherClientsExchangeTextAndBytes(String program) throws IOException {
        start("websocket.yaml", "text: true, ");
        var tcp = add(forwarder.join("demo"));
        var client = client(program, "ws://127.0.0.1:" + recipe.port(8080) + "/groups/demo");
        client.out().await(1, line -> line.toLowerCase().equals("joined false"), "joined", Forwarder.LIMIT);

        tcp.send("hello\n").expect("HELLO\n");
        tcp.send(new byte[] {(byte) 0x80, '\n'});
        assertThat(tcp.receive(3)).containsExactly(0x80, 0xff, '\n');
        awaitLine(client, "text hello");
        awaitLine(client, "binary 80");
        forwarder.terminate();
        awaitLine(client, "closed 1001 stopped");
    }

    @ParameterizedTest
    @ValueSource(strings = {"node", "python3"})
    void otherClientsCompress(String program) throws IOException {
        start("websocket.yaml", "text: true, deflate: true, ");
        var tcp = add(forwarder.join("demo"));
        var client = client(program, "ws://127.0.0.1:" + recipe.port(8080) + "/groups/demo deflate");
        client.out().await(1, line -> line.toLowerCase().equals("joined true"), "joined", Forwarder.LIMIT);

        for (int i = 0; i < 3; i++) {
            var text = ("a line that repeats itself " + i + " ").repeat(1_000);
            tcp.send(text + "\n").expect(text.toUpperCase() + "\n");
        }
        forwarder.terminate();
        awaitLine(client, "closed 1001 stopped");
    }

    @Test
    void curlReceivesAndPublishes() throws IOException {
        start("websocket.yaml", "text: true, ");
        var events = add(recipe.run(line("curl --no-buffer")));
        await().atMost(Forwarder.LIMIT).until(() -> {
            add(recipe.run(line("curl --data-binary"))).exitCode();
            return events.out().soFar().contains("data: hello");
        });
    }

    private String line(String beginning) {
        return recipe.block(beginning)
                .lines()
                .filter(line -> line.startsWith(beginning))
                .findFirst()
                .orElseThrow()
                .replace("curl ", "exec curl --silent --show-error ");
    }

    @Test
    void aPageOfTwentyLinesJoinsAGroup() throws IOException {
        start("websocket.yaml", "");
        var tcp = add(forwarder.join("demo"));
        var udp = add(UdpClient.to(forwarder.udp()));
        udp.register();
        var page = recipe.block("<!doctype html>").getBytes(StandardCharsets.UTF_8);
        var web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        add(() -> web.stop(0));
        web.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        web.start();

        var browser = add(Browser.start());
        var tab = add(browser.open());
        tab.go("http://127.0.0.1:" + web.getAddress().getPort() + "/");
        tab.awaitText("#log", "joined");
        tab.type("input", "hello");
        tab.click("button");
        tcp.expect("hello\n");
        await().atMost(Forwarder.LIMIT).until(() -> new String(udp.receive(), StandardCharsets.UTF_8), "hello"::equals);

        tcp.send("from tcp\n");
        udp.send("from udp");
        tab.awaitText("#log", "from tcp", "from udp");
        tcp.expect("from udp\n");
        tab.evaluate("socket.send(new Uint8Array([1, 128, 255]))");
        assertThat(tcp.receive(4)).containsExactly(1, 0x80, 0xff, '\n');

        forwarder.terminate();
        tab.awaitText("#log", "closed: 1001 stopped");
        assertThat(tab.problems()).isEmpty();
    }

    @Test
    void haproxyTellsTheClientsAddress() throws IOException {
        start("behind-haproxy.yaml", "");
        recipe.write("haproxy.cfg");
        add(recipe.run("exec haproxy -f haproxy.cfg"));
        assertJoinsThrough(recipe.port(8081));
    }

    @Test
    void nginxPassesOn() throws IOException {
        start("websocket.yaml", "");
        recipe.write(
                "nginx.conf",
                "daemon off; pid nginx.pid; error_log stderr; events {} http { access_log off;"
                        + " client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;"
                        + " server { listen 127.0.0.1:" + recipe.port(8081) + "; "
                        + recipe.block("proxy_pass") + "} }");
        add(recipe.run("exec nginx -p . -c nginx.conf"));
        assertJoinsThrough(recipe.port(8081));
    }

    private void assertJoinsThrough(int port) {
        var address = new InetSocketAddress("127.0.0.1", port);
        await().atMost(Forwarder.LIMIT).ignoreExceptions().until(() -> {
            add(TcpClient.connect(address));
            return true;
        });
        var tcp = add(forwarder.join("demo"));
        var web = add(WebSocketClient.join(address, "/groups/demo"));
        tcp.send("a\n");
        web.expect("binary 61").send("b");
        tcp.expect("b\n");
    }
}
