package dev.socketforwarder.transport.udp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.MemberSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;

/** Tests preconfigured members whose names change their addresses. */
@BothPaths
@Timeout(60)
class MovedMembersTest {
    private static final InetAddress BEFORE = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress AFTER = InetAddress.ofLiteral("127.0.0.2");

    private final AtomicReference<List<InetAddress>> answer = new AtomicReference<>(List.of(BEFORE));

    @Parameter
    private IoPath io;

    private List<InetAddress> resolve(String host) throws IOException {
        var now = answer.get();
        if (now.isEmpty()) {
            throw new IOException(host + " is not known");
        }
        return now;
    }

    private TestServer start(String members) throws IOException {
        var machine = TestMachine.withNames(this::resolve, Duration.ofMillis(10));
        var settings = TestServer.settings(io).set("host-address", "0.0.0.0").set("preconfig-addresses", members);
        return TestServer.start(new UdpTransport(machine), new TestContext("udp", settings, TestServer.groups()));
    }

    private static TestPeer at(InetAddress address, int port) throws IOException {
        return new TestPeer(new InetSocketAddress(address, 9), address, port);
    }

    @Test
    void theMemberIsWhereItsNameIs() throws IOException {
        try (var before = at(BEFORE, 0);
                var after = at(AFTER, before.port());
                var server = start("moving.example:" + before.port());
                var outsider = server.peer()) {
            outsider.isNextHeardBy(before);

            answer.set(List.of(AFTER));
            server.awaitCount(Reason.MOVED, 1);
            outsider.isNextHeardBy(after);

            answer.set(List.of(AFTER, BEFORE));
            server.awaitMembers(2);
            outsider.isNextHeardBy(before, after);
        }
    }

    @Test
    void anAddressThatIsWrittenTooStays() throws IOException {
        try (var before = at(BEFORE, 0);
                var after = at(AFTER, before.port());
                var server = start("moving.example:" + before.port() + ",127.0.0.1:" + before.port());
                var outsider = server.peer()) {
            answer.set(List.of(AFTER));
            server.awaitMembers(2);
            outsider.isNextHeardBy(before, after);
            assertThat(server.count(Reason.MOVED)).isZero();
        }
    }

    @Test
    void aNameThatIsNotKnownForAWhileKeepsItsMembers() throws IOException {
        try (var before = at(BEFORE, 0);
                var after = at(AFTER, before.port());
                var server = start("moving.example:" + before.port());
                var outsider = server.peer()) {
            answer.set(List.of());
            outsider.isNextHeardBy(before);
            answer.set(List.of(AFTER));
            server.awaitCount(Reason.MOVED, 1);
            outsider.isNextHeardBy(after);
        }
    }

    @Test
    void aNameThatIsNotKnownAtTheStartIsTakenUpWhenItIs() throws IOException {
        answer.set(List.of());
        try (var later = at(BEFORE, 0);
                var there = at(AFTER, 0);
                var server = start("moving.example:" + later.port() + ",127.0.0.2:" + there.port());
                var outsider = server.peer()) {
            server.awaitMembers(1);
            outsider.isNextHeardBy(there);
            answer.set(List.of(BEFORE));
            server.awaitMembers(2);
            outsider.isNextHeardBy(later, there);
        }
    }

    @Test
    void aLookUpThatHangsKeepsNobodyFromStarting() throws IOException {
        var go = new CountDownLatch(1);
        var machine = TestMachine.withNames(
                host -> {
                    if (host.equals("hanging.example")) {
                        await(go);
                    }
                    return List.of(BEFORE);
                },
                Duration.ofMillis(10));
        try (var hanging = at(BEFORE, 0);
                var known = at(BEFORE, 0)) {
            var settings = TestServer.settings(io)
                    .set("host-address", "0.0.0.0")
                    .set("preconfig-addresses", "hanging.example:" + hanging.port() + ",known.example:" + known.port());
            try (var server = TestServer.start(
                            new UdpTransport(machine), new TestContext("udp", settings, TestServer.groups()));
                    var outsider = server.peer()) {
                server.awaitMembers(1);
                outsider.isNextHeardBy(known);
                go.countDown();
                server.awaitMembers(2);
                outsider.isNextHeardBy(hanging, known);
            }
        }
    }

    private static void await(CountDownLatch go) throws IOException {
        try {
            if (!go.await(20, TimeUnit.SECONDS)) {
                throw new IOException("too late");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aMemberOfItsOwnWordBecomesAPreconfiguredOne() throws IOException {
        try (var before = at(BEFORE, 0);
                var server = start("moving.example:" + before.port());
                var member = new TestPeer(server.address(), AFTER, before.port());
                var outsider = server.peer()) {
            member.register();
            server.awaitMembers(2);
            answer.set(List.of(AFTER));
            server.awaitCount(Reason.MOVED, 1);
            server.awaitMembers(1);
            member.send(MemberSettings.DEFAULT_LEAVE_PREFIX);
            server.awaitCount(Reason.NOT_REGISTERED, 1);
            outsider.isNextHeardBy(member);
        }
    }

    @Test
    void aNameThatComesToStandForTheForwarderItselfIsLeftOut() throws IOException {
        try (var before = at(BEFORE, 0);
                var server = start("moving.example:" + before.port());
                var outsider = server.peer()) {
            answer.set(List.of(InetAddress.ofLiteral("224.0.0.1")));
            server.awaitCount(Reason.MOVED, 1);
            server.awaitMembers(0);
            answer.set(List.of(BEFORE));
            server.awaitMembers(1);
            outsider.isNextHeardBy(before);
        }
    }
}
