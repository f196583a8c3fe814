package dev.socketforwarder.runtime.endpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.Counter;
import dev.socketforwarder.api.Endpoint;
import dev.socketforwarder.api.Endpoint.Unsent;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.Transport;
import dev.socketforwarder.api.TransportContext;
import dev.socketforwarder.runtime.policies.PrefixHandshake;
import dev.socketforwarder.runtime.server.Server;
import dev.socketforwarder.runtime.server.StartException;
import dev.socketforwarder.runtime.streams.StreamServer;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.IdleEndpoint;
import dev.socketforwarder.runtime.testing.TestCertificates;
import dev.socketforwarder.runtime.testing.UnixTransport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What {@link StreamServer} promises where peers have no IP address: over the Unix domain sockets of {@link UnixTransport}. */
@Timeout(30)
class StreamsTest {
    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final String PREFIX = PrefixHandshake.DEFAULT_PREFIX;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private Path folder;
    private Path path;
    private HostedEndpoint hosted;
    private Server server;

    @BeforeEach
    void makeFolder() throws IOException {
        folder = Files.createTempDirectory("sf"); // short, since a socket's path has a limit
        path = folder.resolve("s");
    }

    @AfterEach
    void close() throws Exception {
        for (var each : opened) {
            each.close();
        }
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        Files.deleteIfExists(path);
        Files.delete(folder);
    }

    private void start(String... settings) throws StartException {
        var yaml = new StringBuilder("transports:\n  unix:\n    path: " + path + "\n");
        for (var setting : settings) {
            yaml.append("    ").append(setting).append('\n');
        }
        var endpoints = Endpoints.open(Fakes.yaml(yaml.toString()), Fakes.shared(Fakes.plugins(new UnixTransport())));
        hosted = endpoints.hosted().getFirst();
        server = new Server(endpoints.hosted(), System::nanoTime);
        server.start();
    }

    private Unsent stop(Duration grace) {
        var stopping = server;
        server = null;
        return stopping.stop(grace);
    }

    private SocketChannel connect(String firstMessage) throws IOException {
        var channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
        opened.add(channel);
        send(channel, firstMessage);
        return channel;
    }

    private SocketChannel member(String group) throws IOException {
        long members = counted(Counter.MEMBERS);
        var channel = connect(PREFIX + group + "\n");
        await("member of " + group, () -> counted(Counter.MEMBERS) == members + 1);
        return channel;
    }

    private long counted(Counter counter) {
        return hosted.context().counters().get(counter);
    }

    private long counted(Reason reason) {
        return hosted.context().counters().get(reason);
    }

    private static void await(String what, BooleanSupplier condition) {
        long endNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - endNs).as("still waits for " + what).isNegative();
            Thread.onSpinWait();
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        send(channel, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] read(SocketChannel channel, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
            // Until all is there.
        }
        assertThat(buffer.position()).as("bytes before the end").isEqualTo(length);
        return buffer.array();
    }

    private static String readText(SocketChannel channel, int length) throws IOException {
        return new String(read(channel, length), StandardCharsets.UTF_8);
    }

    private static boolean isAtEnd(SocketChannel channel) throws IOException {
        return channel.read(ByteBuffer.allocate(1)) < 0;
    }

    @Test
    void allOthersGetWhatOneSends() throws Exception {
        start();
        var a = member("g");
        var b = member("g");
        var c = member("g");
        var other = member("other");

        send(a, "from a");
        assertThat(readText(b, 6)).isEqualTo("from a");
        assertThat(readText(c, 6)).isEqualTo("from a");
        send(b, "from b");
        assertThat(readText(a, 6)).as("the next, not its own").isEqualTo("from b");
        stop(GRACE);
        assertThat(isAtEnd(other)).isTrue();
    }

    @Test
    void whatComesBehindTheFirstMessageIsData() throws Exception {
        start("first-message: line");
        var a = member("g");
        connect(PREFIX + "g\nearly");

        assertThat(readText(a, 5)).isEqualTo("early");
    }

    @Test
    void aFirstMessageMayComeInPieces() throws Exception {
        start("first-message: line");
        var a = member("g");
        var b = connect(PREFIX.substring(0, 5));
        await("the first piece", () -> counted(Counter.CONNECTIONS) == 2);
        send(b, PREFIX.substring(5) + "g");
        send(b, "\nhello");

        assertThat(readText(a, 5)).isEqualTo("hello");
    }

    @Test
    void strangersAreTurnedAwayAndCounted() throws Exception {
        start("first-message-timeout: 100ms");
        assertThat(isAtEnd(connect("something else\n"))).isTrue();
        assertThat(counted(Reason.WRONG_PREFIX)).isEqualTo(1);
        assertThat(isAtEnd(connect(""))).isTrue();
        assertThat(counted(Reason.FIRST_MESSAGE_TIMEOUT)).isEqualTo(1);
        connect("").close();
        await("probe", () -> counted(Reason.PROBE) == 1);
        await("end", () -> counted(Counter.CONNECTIONS) == 0);
    }

    @Test
    void whereAddressesAreAllowedOneWithoutIsDenied() throws Exception {
        start("allow: 10.0.0.0/8");

        assertThat(isAtEnd(connect(""))).isTrue();
        assertThat(counted(Reason.DENIED_ADDRESS)).isEqualTo(1);
    }

    @Test
    void aReaderThatLagsMissesNothingAndPacesTheSender() throws Exception {
        start();
        var sender = member("g");
        var reader = member("g");
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var bytes = new byte[8 << 20];
        new Random(seed).nextBytes(bytes);
        var sent = CompletableFuture.runAsync(() -> {
            try {
                send(sender, bytes);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        await("queued bytes", () -> counted(Counter.BYTES_IN) > (1 << 20));

        assertThat(read(reader, bytes.length)).isEqualTo(bytes);
        sent.get(40, TimeUnit.SECONDS);
    }

    @Test
    void oneThatTakesNothingIsClosedAsStalled() throws Exception {
        start("high-water: 64KiB", "low-water: 16KiB", "stall-timeout: 200ms");
        var sender = member("g");
        member("g");
        send(sender, new byte[4 << 20]);

        await("stalled", () -> counted(Reason.STALLED) == 1);
        await("the rest", () -> counted(Counter.BYTES_IN) == 4 << 20);
    }

    @Test
    void whatTheKernelHeldBeforeTheStopIsDelivered() throws Exception {
        start();
        var sender = member("g");
        var receiver = member("g");
        for (int i = 0; i < 50; i++) {
            send(sender, "%08d".formatted(i));
        }

        assertThat(stop(GRACE)).isEqualTo(Unsent.NONE);

        for (int i = 0; i < 50; i++) {
            assertThat(readText(receiver, 8)).isEqualTo("%08d".formatted(i));
        }
        assertThat(isAtEnd(receiver)).isTrue();
        assertThat(counted(Counter.MEMBERS)).isZero();
        assertThat(counted(Counter.CONNECTIONS)).isZero();
        assertThat(path).doesNotExist();
    }

    @Test
    void whatALargeBufferOfTheSenderHeldBeforeTheStopIsDelivered() throws Exception {
        start("member-rate: 64KiB"); // so that the kernel holds it
        var sender = member("g");
        var receiver = member("g");
        sender.setOption(StandardSocketOptions.SO_SNDBUF, 64 << 20); // as much as the kernel gives
        sender.configureBlocking(false);
        long sent = 0;
        int n;
        while ((n = sender.write(ByteBuffer.allocate(64 << 10))) > 0) {
            sent += n;
        }
        var heard = CompletableFuture.supplyAsync(() -> countToEnd(receiver));

        assertThat(stop(GRACE)).isEqualTo(Unsent.NONE);

        assertThat(heard.get(40, TimeUnit.SECONDS)).isEqualTo(sent);
    }

    private static long countToEnd(SocketChannel channel) {
        var buffer = ByteBuffer.allocate(64 << 10);
        long count = 0;
        try {
            for (int n = 0; n >= 0; n = channel.read(buffer.clear())) {
                count += n;
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return count;
    }

    @Test
    void whatCannotBeFlushedInTimeIsTold() throws Exception {
        start();
        var sender = member("g");
        member("g"); // and never reads
        send(sender, new byte[512 << 10]);
        await("input", () -> counted(Counter.BYTES_IN) == 512 << 10);

        var unsent = stop(Duration.ofMillis(300));

        assertThat(unsent.members()).isEqualTo(1);
        assertThat(unsent.bytes()).isPositive();
    }

    @Test
    void oneThatEndsItsSideGetsTheRestAndTheEnd() throws Exception {
        start();
        var a = member("g");
        var b = member("g");
        send(a, "last words");
        await("input", () -> counted(Counter.BYTES_IN) == 10); // or the end of b might be read first
        b.shutdownOutput();

        assertThat(readText(b, 10)).isEqualTo("last words");
        assertThat(isAtEnd(b)).isTrue();
        await("members", () -> counted(Counter.MEMBERS) == 1);
    }

    @Test
    void withHalfCloseKeepItStaysAReceiver() throws Exception {
        start("half-close: keep");
        var a = member("g");
        var b = member("g");
        b.shutdownOutput();
        send(a, "still here");

        assertThat(readText(b, 10)).isEqualTo("still here");
    }

    @Test
    void silenceEndsAMember() throws Exception {
        start("idle-timeout: 100ms");

        assertThat(isAtEnd(member("g"))).isTrue();
        assertThat(counted(Reason.IDLE)).isEqualTo(1);
    }

    @Test
    void messagesAreForwardedWhole() throws Exception {
        start("framing: line", "first-message: line", "join-reply: welcome");
        var a = member("g");
        var b = member("g");
        var c = member("g");
        assertThat(readText(c, 8)).isEqualTo("welcome\n");
        send(a, "one\ntw");
        assertThat(readText(c, 4)).isEqualTo("one\n");
        send(b, "three\n");
        assertThat(readText(c, 6)).isEqualTo("three\n");
        send(a, "o\n");
        assertThat(readText(c, 4)).isEqualTo("two\n");
    }

    @Test
    void aMembersRateIsKept() throws Exception {
        start("member-rate: 64KiB");
        var a = member("g");
        var b = member("g");
        var sent = CompletableFuture.runAsync(() -> {
            try {
                send(a, new byte[64 << 10]);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        long startNs = System.nanoTime();
        read(b, 64 << 10);

        sent.get(40, TimeUnit.SECONDS);
        // A burst of a quarter comes at once.
        assertThat(System.nanoTime() - startNs).isGreaterThan(TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(counted(Counter.THROTTLED)).isPositive();
    }

    @Test
    void membersMaySpeakTls() throws Exception {
        var certificates = new TestCertificates();
        var identity = certificates.issue("CN=server");
        var certificate = Files.writeString(folder.resolve("c.pem"), identity.certificatePem());
        var key = Files.writeString(folder.resolve("k.pem"), identity.keyPem());
        opened.add(() -> Files.delete(certificate));
        opened.add(() -> Files.delete(key));
        start("tls: {certificate: " + certificate + ", key: " + key + "}");
        var context = certificates.context();

        var a = encrypted(context);
        var b = encrypted(context);
        await("members", () -> counted(Counter.MEMBERS) == 2);
        a.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
        assertThat(b.getInputStream().readNBytes(5)).asString().isEqualTo("hello");

        connect(PREFIX + "g\n");
        await("a refusal", () -> counted(Reason.NOT_TLS) == 1);
    }

    /** A member through TLS. */
    private SSLSocket encrypted(SSLContext context) throws IOException {
        var plain = SocketChannel.open(UnixDomainSocketAddress.of(path));
        opened.add(plain);
        var socket = (SSLSocket) context.getSocketFactory().createSocket(new AsSocket(plain), "localhost", 1, true);
        socket.getOutputStream().write((PREFIX + "g\n").getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    /** A channel as the JDK's TLS wants it. */
    private static final class AsSocket extends Socket {
        private final SocketChannel channel;

        AsSocket(SocketChannel channel) {
            this.channel = channel;
        }

        @Override
        public boolean isConnected() {
            return true;
        }

        @Override
        public InputStream getInputStream() {
            return Channels.newInputStream(channel);
        }

        @Override
        public OutputStream getOutputStream() {
            return Channels.newOutputStream(channel);
        }
    }

    @Test
    void peersWithoutAddressAreNotCountedByIt() throws Exception {
        start("max-connections-per-address: 1", "accept-rate-per-address: 1");
        member("g");
        member("g");

        assertThat(counted(Reason.TOO_MANY_FROM_ADDRESS) + counted(Reason.ACCEPT_RATE))
                .isZero();
    }

    @Test
    void whatAnEndpointLeavesOpenIsClosed() throws Exception {
        var bound = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
        var endpoints = Endpoints.open(
                Fakes.yaml("transports: {careless: {port: 1}}"),
                Fakes.shared(Fakes.plugins(new CarelessTransport(bound))));
        hosted = endpoints.hosted().getFirst();
        server = new Server(endpoints.hosted(), System::nanoTime);
        server.start();
        var member = member("g");

        stop(Duration.ZERO);

        assertThat(bound.isOpen()).isFalse();
        assertThat(isAtEnd(member)).isTrue();
        assertThat(counted(Counter.CONNECTIONS)).isZero();
    }

    /** Whose endpoints forget their streams. */
    private record CarelessTransport(ServerSocketChannel bound) implements Transport {
        @Override
        public String type() {
            return "careless";
        }

        @Override
        public Endpoint open(TransportContext context) {
            context.settings().required("port", 1, 1);
            var streams = context.streams(List.of("prefix"));
            return new IdleEndpoint() {
                @Override
                public void start() throws IOException {
                    streams.listen(bound);
                }
            };
        }
    }

    @Test
    void aLoopThatIsAskedForAfterTheStartBeginsThen() throws Exception {
        start();
        var ran = new CompletableFuture<Thread>();
        hosted.context().loop().execute(() -> ran.complete(Thread.currentThread()));

        var loop = ran.get(20, TimeUnit.SECONDS);
        assertThat(loop.getName()).isEqualTo("unix-loop");
        stop(Duration.ZERO);
        assertThat(loop.join(Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void theStreamsOfOneEndpointAreTheSameHoweverOftenAskedFor() throws Exception {
        start();

        assertThat(hosted.context().streams(List.of("prefix")))
                .isSameAs(hosted.context().streams(List.of("prefix")));
    }

    @Test
    void aPathThatIsTakenIsOneLine() throws Exception {
        Files.createFile(path);

        assertThatThrownBy(this::start)
                .isInstanceOf(StartException.class)
                .hasMessageStartingWith("unix cannot bind " + path + ": ")
                .hasMessageEndingWith("; remove the file, or set transports.unix.path");
        server = null;
    }
}
