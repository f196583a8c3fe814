package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tests groups that span forwarders over real NATS servers. Every line is counted, and none may be missing. */
@Timeout(120)
class NatsTest {
    private static final int LINES = 3_000;

    private final NatsScene scene = new NatsScene();

    @AfterEach
    void close() {
        scene.close();
    }

    /** Let one member on each of these forwarders send and receive, and assert that each line of each reaches all others once. */
    private void assertShared(String group, Forwarder... forwarders) {
        var members = new TcpClient[forwarders.length];
        var readers = new CheckedReader[forwarders.length];
        for (int i = 0; i < members.length; i++) {
            members[i] = scene.join(forwarders[i], group);
            readers[i] = new CheckedReader(members[i]);
        }
        for (int i = 0; i < members.length; i++) {
            NatsScene.meet(members[i], without(i, readers));
        }
        try (var together = new Together()) {
            for (int i = 0; i < members.length; i++) {
                int sender = i;
                together.start(() -> NatsScene.send(members[sender], sender, 0, LINES));
            }
            together.await();
        }
        for (int i = 0; i < members.length; i++) {
            for (var reader : without(i, readers)) {
                reader.awaitAll(i, LINES - 1);
            }
            assertThat(readers[i].last(i)).as("lines that came back").isEqualTo(-1);
            assertThat(forwarders[i].total("nats", "lost-upstream")).isZero();
        }
    }

    private static CheckedReader[] without(int left, CheckedReader... readers) {
        return IntStream.range(0, readers.length)
                .filter(i -> i != left)
                .mapToObj(i -> readers[i])
                .toArray(CheckedReader[]::new);
    }

    @Test
    void twoForwardersShareAGroup() {
        var server = scene.server();
        assertShared("both of us", scene.forwarder(server), scene.forwarder(server));
    }

    @Test
    void threeForwardersShareAGroupThoughEachHasAnotherServerOfACluster() {
        var servers = NatsServer.cluster(3);
        servers.forEach(scene::add);
        assertShared(
                "all three",
                scene.forwarder(servers.get(0)),
                scene.forwarder(servers.get(1)),
                scene.forwarder(servers.get(2)));
    }

    /** Write a file that proves to the servers who the forwarder is. {@return the settings with it} */
    private static String proving(NatsServer server, Path folder, String credentials) throws IOException {
        var file = Files.writeString(folder.resolve("forwarder.creds"), credentials);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return NatsScene.servers(server) + ", credentials-file: " + file;
    }

    @Test
    void theSeedOfAKeyProvesWhoTheForwarderIs(@TempDir Path folder) throws IOException {
        var user = NatsKey.ofUser();
        var server = scene.server("authorization { users: [ { nkey: " + user.publicText() + " } ] }");
        var settings = proving(server, folder, user.seed() + "\n");
        assertShared("by seed", scene.forwarder(settings), scene.forwarder(settings));
    }

    @Test
    void aFileOfCredentialsProvesToWhichAccountTheForwarderBelongs(@TempDir Path folder) throws IOException {
        var operator = NatsKey.ofOperator();
        var account = NatsKey.ofAccount();
        var user = NatsKey.ofUser();
        var server = scene.server(
                "operator: " + operator.voucher(operator, "{\"type\":\"operator\",\"version\":2}"),
                "resolver: MEMORY",
                "resolver_preload: { " + account.publicText() + ": " + operator.voucher(account, """
                        {"type":"account","version":2,"limits":{"subs":-1,"data":-1,"payload":-1,"imports":-1,
                        "exports":-1,"wildcards":true,"conn":-1,"leaf":-1}}""") + " }");
        var settings = proving(server, folder, """
                -----BEGIN NATS USER JWT-----
                %s
                ------END NATS USER JWT------

                -----BEGIN USER NKEY SEED-----
                %s
                ------END USER NKEY SEED------
                """.formatted(account.voucher(user, """
                        {"type":"user","version":2,"subs":-1,"data":-1,"payload":-1}"""), user.seed()));
        assertShared("by credentials", scene.forwarder(settings), scene.forwarder(settings));
    }

    @Test
    void oneForwarderConnectsTwoClusters() {
        var left = scene.server();
        var right = scene.server();
        var between = scene.add(Launch.with()
                .yaml("""
                debug: true
                host-address: 127.0.0.1
                framing: line
                first-message: line
                transports:
                  tcp: { port: 0 }
                  left: { type: nats, %s }
                  right: { type: nats, %s }
                """.formatted(NatsScene.servers(left), NatsScene.servers(right)))
                .start());
        var one = scene.forwarder(left);
        var other = scene.forwarder(right);
        // The forwarder in the middle passes on what concerns its own groups alone.
        scene.join(between, "far");
        var sender = scene.join(one, "far");
        var reader = new CheckedReader(scene.join(other, "far"));
        NatsScene.meet(sender, reader);
        NatsScene.send(sender, 0, 0, LINES);
        reader.awaitAll(0, LINES - 1);
    }

    @Test
    void bytesOfARawGroupComeAsTheyAre() {
        var server = scene.server();
        var yaml = """
                debug: true
                host-address: 127.0.0.1
                transports:
                  tcp: { port: 0 }
                  udp: { port: 0, group: mixed }
                  nats: { %s }
                """.formatted(NatsScene.servers(server));
        var one = scene.connected(Launch.with().yaml(yaml));
        var other = scene.connected(Launch.with().yaml(yaml));
        var sender = scene.join(one, "mixed");
        var receiver = scene.join(other, "mixed");
        await().atMost(Forwarder.LIMIT).until(() -> server.subscriptions() == 2);
        var noise = Noise.random();
        Flood.start(sender, noise, 4_000_000);
        Flood.expect(receiver, noise, 0, 4_000_000);

        var datagrams = scene.add(UdpClient.to(one.udp()));
        datagrams.send("a datagram");
        receiver.expect("a datagram");
    }

    @Test
    void interestEndsWithTheLastMember() {
        var server = scene.server();
        var forwarder = scene.forwarder(server);
        var first = scene.join(forwarder, "g");
        var second = scene.join(forwarder, "g");
        await().atMost(Forwarder.LIMIT).until(() -> server.subscriptions() == 1);
        first.leave();
        second.leave();
        await().atMost(Forwarder.LIMIT).until(() -> server.subscriptions() == 0);
    }

    @Test
    void otherGroupsStayHere() {
        var server = scene.server();
        var settings = NatsScene.servers(server) + ", groups: [\"shared-*\"]";
        var one = scene.forwarder(settings);
        var other = scene.forwarder(settings);
        scene.join(one, "own");
        scene.join(other, "own");
        assertShared("shared-1", one, other);
        assertThat(server.subscriptions()).isEqualTo(2);
    }

    @Test
    void aWrongPasswordIsToldAndARightOneHelpsAtTheNextAttempt(@TempDir Path folder) throws IOException {
        var server = scene.server("authorization { users: [ { user: forwarder, password: \"right one\" } ] }");
        var right = Files.writeString(folder.resolve("right.txt"), "right one\n");
        var wrong = Files.writeString(folder.resolve("wrong.txt"), "wrong one\n");
        var login = NatsScene.servers(server) + ", user: forwarder, password-file: ";
        var refused = scene.add(NatsScene.launch(login + wrong).start());
        refused.awaitLine(
                line -> line.contains("connect-failed") && line.toLowerCase().contains("authorization"), "a refusal");

        // Members here hear each other all the same.
        var sender = scene.join(refused, "g");
        var reader = new CheckedReader(scene.join(refused, "g"));
        NatsScene.send(sender, 0, 0, LINES);
        reader.awaitAll(0, LINES - 1);
        assertThat(refused.err().toString()).doesNotContain("wrong one");

        Files.writeString(wrong, "right one\n");
        refused.signal("HUP");
        refused.awaitLine("nats connected to ");
        assertShared("h", refused, scene.forwarder(login + right));
    }

    @Test
    void serversProveThemselvesByTls(@TempDir Path folder) {
        var certificates = new Certificates(folder);
        certificates.issue("server");
        var others = new Certificates(folder(folder, "others"));
        others.issue("server");
        var server = scene.server("tls { cert_file: \"%s\", key_file: \"%s\", timeout: 20 }"
                .formatted(
                        certificates.certificate("server", folder.resolve("server.crt")),
                        certificates.key("server", folder.resolve("server.key"))));
        var settings = "servers: [\"" + server.url().replace("nats:", "tls:") + "\"], tls: { ca: \"%s\" }";
        var right = settings.formatted(certificates.authority(folder.resolve("ca.crt")));
        var wrong = settings.formatted(others.authority(folder.resolve("other-ca.crt")));

        assertShared("secret", scene.forwarder(right), scene.forwarder(right));
        scene.add(NatsScene.launch(wrong).start()).awaitLine("connect-failed");
    }

    private static Path folder(Path parent, String name) {
        try {
            return Files.createDirectory(parent.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void membersElsewhereAreShown(@TempDir Path folder) {
        var server = scene.server();
        var presence = NatsScene.servers(server) + ", presence: true, name: ";
        var control = folder.resolve("control.sock").toString();
        var one = scene.connected(NatsScene.launch(presence + "one").env("SOCKETFORWARDER_CONTROL_SOCKET", control));
        var other = scene.forwarder(presence + "other");
        scene.join(one, "g");
        List.of(1, 2, 3).forEach(_ -> scene.join(other, "g"));
        await("that the members of the other forwarder are shown")
                .atMost(Forwarder.LIMIT)
                .until(() -> Launch.with("members", "g")
                        .env("SOCKETFORWARDER_CONTROL_SOCKET", control)
                        .run()
                        .outText()
                        .contains("other"));
    }
}
