package dev.socketforwarder.runtime.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.testing.TestLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tests with sockets that another process might have passed: descriptors of channels that the code under test does not know. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class InheritedSocketsTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (var each : open) {
            each.close();
        }
    }

    private ServerSocketChannel listener(String host) throws IOException {
        var channel = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral(host), 0));
        open.add(channel);
        return channel;
    }

    private static int descriptor(IntPredicate wanted) throws IOException {
        try (var all = Files.list(Path.of("/proc/self/fd"))) {
            return all.mapToInt(path -> Integer.parseInt(path.getFileName().toString()))
                    .filter(wanted)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static boolean isAt(int fd, InetSocketAddress address) {
        try {
            return SocketAddresses.local(fd).filter(address::equals).isPresent();
        } catch (IOException _) {
            return false;
        }
    }

    private PassedSocket passed(String name) throws IOException {
        return passed(name, "127.0.0.1");
    }

    private PassedSocket passed(String name, String host) throws IOException {
        var address = (InetSocketAddress) listener(host).getLocalAddress();
        return PassedSocket.of(descriptor(fd -> isAt(fd, address)), name);
    }

    private PassedSocket passedDatagrams(String name) throws IOException {
        var channel = DatagramChannel.open().bind(new InetSocketAddress(LOOPBACK, 0));
        open.add(channel);
        var address = (InetSocketAddress) channel.getLocalAddress();
        return PassedSocket.of(descriptor(fd -> isAt(fd, address)), name);
    }

    private static InetSocketAddress at(String host, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    /** Connect, and prove that {@code channel} accepts this connection. */
    private static void prove(ServerSocketChannel channel, InetSocketAddress address) throws IOException {
        try (var client = SocketChannel.open(address);
                var accepted = channel.accept()) {
            assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
            assertThat(accepted.getLocalAddress()).isEqualTo(address);
            client.write(ByteBuffer.wrap(new byte[] {7}));
            assertThat(accepted.read(ByteBuffer.allocate(1))).isEqualTo(1);
        }
    }

    @Test
    void anyNumberOfListenersBecomeChannels() throws IOException {
        var one = passed("tcp");
        var other = passed("tcp");
        var sockets = new InheritedSockets(List.of(one, other)).take("tcp", "tcp", Protocol.TCP, List.of());
        assertThat(sockets).extracting(InheritedSocket::address).containsExactly(one.address(), other.address());
        try (var first = AdoptedListener.of(sockets.getFirst());
                var second = AdoptedListener.of(sockets.getLast())) {
            prove(second, other.address());
            prove(first, one.address());
        }
    }

    @Test
    void connectionsWaitFromOneChannelToTheNext() throws IOException {
        var passed = passed("tcp");
        var sockets = new InheritedSockets(List.of(passed));
        AdoptedListener.of(sockets.take("tcp", "tcp", Protocol.TCP, List.of()).getFirst())
                .close();
        try (var client = SocketChannel.open(passed.address())) {
            sockets.giveBack("tcp");
            try (var channel = AdoptedListener.of(
                            sockets.take("tcp", "tcp", Protocol.TCP, List.of()).getFirst());
                    var accepted = channel.accept()) {
                assertThat(accepted.getRemoteAddress()).isEqualTo(client.getLocalAddress());
            }
        }
    }

    @Test
    void anIpv4ListenerCanAlsoBeOneOfBothFamilies() throws IOException {
        var passed = passed("tcp", "::");
        int port = passed.address().getPort();
        assertThat(passed.serves(at("0.0.0.0", port))).isTrue();
        assertThat(passed.serves(at("127.0.0.1", port))).isFalse();
        assertThat(passed.serves(at("0.0.0.0", port - 1))).isFalse();
        var socket = new InheritedSockets(List.of(passed))
                .take("any", "any", Protocol.TCP, List.of(at("0.0.0.0", port)))
                .getFirst();
        try (var channel = AdoptedListener.of(socket)) {
            prove(channel, at("127.0.0.1", port));
        }
    }

    @Test
    void nameGoesBeforeAddress() throws IOException {
        var named = passed("chat");
        var unnamed = passed("socketforwarder.socket");
        var sockets = new InheritedSockets(List.of(named, unnamed));
        var forChat = sockets.take("chat", "chat", Protocol.TCP, List.of(unnamed.address(), at("127.0.0.1", 1)));
        assertThat(forChat).singleElement().satisfies(socket -> {
            assertThat(socket.address()).isEqualTo(named.address());
            assertThat(socket.replaces(at("127.0.0.1", 1))).isTrue();
        });
        var forTcp = sockets.take("tcp", "tcp", Protocol.TCP, List.of(unnamed.address(), at("127.0.0.1", 1)));
        assertThat(forTcp).singleElement().satisfies(socket -> {
            assertThat(socket.replaces(unnamed.address())).isTrue();
            assertThat(socket.replaces(at("127.0.0.1", 1))).isFalse();
        });
    }

    @Test
    void eachSocketHasOneUser() throws IOException {
        var passed = passed("x");
        var sockets = new InheritedSockets(List.of(passed));
        var configured = List.of(passed.address());
        assertThat(sockets.take("udp", "udp", Protocol.UDP, configured)).isEmpty();
        assertThat(sockets.take("one", "one", Protocol.TCP, configured)).hasSize(1);
        assertThat(sockets.take("other", "other", Protocol.TCP, configured)).isEmpty();
        assertThat(sockets.take("one", "one", Protocol.TCP, configured)).hasSize(1);
        sockets.giveBack("another of the name");
        assertThat(sockets.take("another of the name", "one", Protocol.TCP, configured))
                .isEmpty();
        sockets.giveBack("one");
        assertThat(sockets.take("other", "other", Protocol.TCP, configured)).hasSize(1);
    }

    @Test
    void whatNobodyUsesIsNamedAndWaitsForAnEndpoint() throws IOException {
        var used = passed("udp");
        var address = (InetSocketAddress) listener("127.0.0.1").getLocalAddress();
        // The channel keeps its own descriptor.
        int fd = SystemCalls.dup(descriptor(each -> isAt(each, address)));
        var sockets = new InheritedSockets(List.of(used, PassedSocket.of(fd, "stray")));
        sockets.take("udp", "udp", Protocol.TCP, List.of());
        try (var log = new TestLog()) {
            sockets.nameUnused();
            assertThat(log.text().lines())
                    .singleElement()
                    .asString()
                    .contains("tcp 127.0.0.1:" + address.getPort() + " named \"stray\"", "FileDescriptorName=")
                    .doesNotContain("\"udp\"");
        }
        try (var channel = AdoptedListener.of(
                sockets.take("stray", "stray", Protocol.TCP, List.of()).getFirst())) {
            prove(channel, address);
        }
        SystemCalls.close(fd);
    }

    @Test
    void datagramSocketsAreKnown() throws IOException {
        var passed = passedDatagrams("udp");
        assertThat(passed.protocol()).isEqualTo(Protocol.UDP);
        int again = new InheritedSockets(List.of(passed))
                .take("udp", "udp", Protocol.UDP, List.of())
                .getFirst()
                .duplicate();
        assertThat(SocketAddresses.local(again)).contains(passed.address());
        SystemCalls.close(again);
    }

    @Test
    void whatNoEndpointCanUseIsRefused() throws IOException {
        var address = (InetSocketAddress) listener("127.0.0.1").getLocalAddress();
        var client = SocketChannel.open(address);
        open.add(client);
        var from = (InetSocketAddress) client.getLocalAddress();
        int connection = descriptor(fd -> isAt(fd, from));
        assertRefused(connection, "is a connection; set Accept=no");
        int unbound = SystemCalls.socket(SystemCalls.AF_INET, SystemCalls.SOCK_STREAM);
        assertRefused(unbound, "does not listen");
        int unix = SystemCalls.socket(SystemCalls.AF_UNIX, SystemCalls.SOCK_STREAM);
        assertRefused(unix, "is no IP socket");
        var datagrams = DatagramChannel.open().connect(address);
        open.add(datagrams);
        var local = (InetSocketAddress) datagrams.getLocalAddress();
        assertRefused(descriptor(fd -> isAt(fd, local)), "is connected to one peer");
        SystemCalls.close(unbound);
        SystemCalls.close(unix);
        assertRefused(unix, "cannot be used, getsockopt: Bad file descriptor");
    }

    private static void assertRefused(int fd, String why) {
        assertThatThrownBy(() -> PassedSocket.of(fd, "tcp"))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("descriptor " + fd, "\"tcp\"", why);
    }

    @Test
    void onlyTheProcessThatIsMeantTakesThem() {
        assertThat(InheritedSockets.of(Map.of("LISTEN_PID", "1", "LISTEN_FDS", "1"), 2)
                        .take("a", "a", Protocol.TCP, List.of()))
                .isEmpty();
        assertThatThrownBy(() -> InheritedSockets.of(Map.of("LISTEN_PID", "2", "LISTEN_FDS", "many"), 2))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("LISTEN_FDS is \"many\"");
    }
}
