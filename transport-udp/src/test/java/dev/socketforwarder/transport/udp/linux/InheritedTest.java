package dev.socketforwarder.transport.udp.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.InheritedSocket;
import dev.socketforwarder.api.Transport.Protocol;
import dev.socketforwarder.transport.udp.TestContext;
import dev.socketforwarder.transport.udp.TestPeer;
import dev.socketforwarder.transport.udp.TestServer;
import dev.socketforwarder.transport.udp.TestSettings;
import dev.socketforwarder.transport.udp.UdpTransport;
import dev.socketforwarder.transport.udp.settings.IoPath;
import dev.socketforwarder.transport.udp.settings.UdpSettings.Buffers;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Tests endpoints on sockets that were bound before. */
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class InheritedTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    /** A bound socket, whose only descriptor the endpoint gets. */
    private record Bound(NativeSocket socket) implements InheritedSocket {
        static Bound at(InetSocketAddress address) throws IOException {
            return at(address, Buffers.DEFAULT);
        }

        static Bound at(InetSocketAddress address, Buffers buffers) throws IOException {
            return new Bound(NativeSocket.bind(new Libc(Arena.ofAuto()), "test", address, buffers, false));
        }

        @Override
        public String name() {
            return "udp";
        }

        @Override
        public Protocol protocol() {
            return Protocol.UDP;
        }

        @Override
        public InetSocketAddress address() {
            return socket.local();
        }

        @Override
        public boolean replaces(InetSocketAddress configured) {
            return configured.getPort() == 0;
        }

        @Override
        public int duplicate() {
            return socket.fd();
        }
    }

    private static TestContext context(TestSettings settings, InheritedSocket... inherited) {
        return new TestContext("udp", settings, TestServer.groups()).inheriting(inherited);
    }

    @Test
    void anEndpointServesAllItsSocketsAndBindsNone() throws IOException {
        var one = Bound.at(ANY_PORT);
        var other = Bound.at(ANY_PORT);
        var context = context(TestServer.settings(IoPath.NATIVE), one, other);
        var endpoint = new UdpTransport().open(context);
        endpoint.start();
        try (var a = new TestPeer(one.address());
                var b = new TestPeer(other.address())) {
            assertThat(endpoint.localAddresses()).containsExactly(one.address(), other.address());
            a.register();
            b.register();
            TestServer.await(() -> context.counters().get(Counter.MEMBERS) == 2, "members");
            a.send("over one socket and the other");
            assertThat(b.receiveText()).isEqualTo("over one socket and the other");
        } finally {
            endpoint.stop(Duration.ofSeconds(1));
        }
    }

    @Test
    void whatArrivedBeforeTheStartIsForwarded() throws IOException {
        var bound = Bound.at(ANY_PORT);
        try (var a = new TestPeer(bound.address());
                var outsider = new TestPeer(bound.address())) {
            a.register();
            outsider.send("early");
            var endpoint = new UdpTransport().open(context(TestServer.settings(IoPath.NATIVE), bound));
            endpoint.start();
            assertThat(a.receiveText()).isEqualTo("early");
            endpoint.stop(Duration.ofSeconds(1));
        }
    }

    @Test
    void itsBuffersGrowAndNeverShrink() throws IOException {
        var small = new Buffers(8_192, 8_192);
        var libc = new Libc(Arena.ofAuto());
        var large = Bound.at(ANY_PORT);
        var granted = large.socket().granted();
        assertThat(NativeSocket.adopt(libc, large, small).granted()).isEqualTo(granted);
        large.socket().close();

        var grows = Bound.at(ANY_PORT, small);
        assertThat(grows.socket().granted()).isNotEqualTo(granted);
        assertThat(NativeSocket.adopt(libc, grows, Buffers.DEFAULT).granted()).isEqualTo(granted);
        grows.socket().close();
    }

    @Test
    void channelsSayThatTheyCannotUseIt() throws IOException {
        var bound = Bound.at(ANY_PORT);
        var endpoint = new UdpTransport().open(context(TestServer.settings(IoPath.NIO), bound));
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("transports.udp.io", "set it to native");
        bound.socket().close();
    }

    @Test
    void severalSocketsCannotShareIt() throws IOException {
        var bound = Bound.at(ANY_PORT);
        var settings = TestServer.settings(IoPath.NATIVE).set("sockets", 2);
        var endpoint = new UdpTransport().open(context(settings, bound));
        assertThatThrownBy(endpoint::start)
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll("transports.udp.sockets", "set it to 1");
        bound.socket().close();
    }
}
