package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Handshake.Outcome;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.runtime.testing.Fakes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a connection's first message costs: once for each, so it may allocate. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FirstMessageBenchmark {
    private final Peer peer = new Peer(
            "tcp",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 50_000),
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 6_753));
    private final ByteBuffer whole = bytes("SOCKETFORWARDER-NEW:telemetry\n");
    private final ByteBuffer half = bytes("SOCKETFORWARDER-NEW:tele");
    private final ByteBuffer stranger = bytes("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    private final ByteBuffer wrongToken = bytes("SOCKETFORWARDER-NEW:no-such-secret-at-all:telemetry\n");

    private Handshake prefix;
    private Handshake token;

    /** Make the handshakes. */
    @Setup
    public void prepare() {
        var environment = Map.of("SOCKETFORWARDER_TCP_TOKEN_SECRET", "secret-of-sixteen-bytes-and-more");
        var settings = Fakes.merged("first-message: line", environment).endpoint("tcp");
        prefix = new PrefixHandshake().create(settings);
        token = new TokenPolicy().create(settings);
    }

    /** One that is there. */
    @Benchmark
    public Outcome whole() {
        return prefix.consider(peer, whole, Arrival.FIRST_READ);
    }

    /** One whose rest has not come. */
    @Benchmark
    public Outcome half() {
        return prefix.consider(peer, half, Arrival.FIRST_READ);
    }

    /** Something else. */
    @Benchmark
    public Outcome stranger() {
        return prefix.consider(peer, stranger, Arrival.FIRST_READ);
    }

    /** One with a token that is wrong, which takes as long as a right one. */
    @Benchmark
    public Outcome wrongToken() {
        return token.consider(peer, wrongToken, Arrival.FIRST_READ);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)).asReadOnlyBuffer();
    }
}
