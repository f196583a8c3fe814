package dev.socketforwarder.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Handshake;
import dev.socketforwarder.api.Handshake.Admitted;
import dev.socketforwarder.api.Handshake.Arrival;
import dev.socketforwarder.api.Peer;
import dev.socketforwarder.api.kit.Lookups;
import dev.socketforwarder.runtime.streams.TestContext;
import dev.socketforwarder.runtime.streams.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests names of preconfigured addresses that come late, move, and hang. */
@Timeout(60)
class AddressPolicyTest {
    private static final String ONE = "10.0.0.1";
    private static final String OTHER = "10.0.0.2";

    private final AtomicReference<List<InetAddress>> answer = new AtomicReference<>(List.of());
    private final CountDownLatch go = new CountDownLatch(1);
    private Handshake handshake;

    private List<InetAddress> resolve(String host) throws IOException {
        try {
            if (host.equals("hanging.example") && !go.await(20, TimeUnit.SECONDS)) {
                throw new IOException("never let");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
        if (answer.get().isEmpty()) {
            throw new UnknownHostException(host);
        }
        return answer.get();
    }

    private void prepare(String... rules) throws IOException {
        var lookups = new Lookups(task -> Thread.ofVirtual().start(task), this::resolve);
        try (var context = new TestContext(Map.of("preconfig-addresses", List.of(rules)))) {
            handshake = new AddressPolicy(lookups, Duration.ofMillis(5)).create(context.settings());
        }
        handshake.prepare();
    }

    @AfterEach
    void close() {
        go.countDown();
        handshake.close();
    }

    private boolean admits(String address) {
        var peer = new Peer("tcp", new InetSocketAddress(address, 5_000), new InetSocketAddress("127.0.0.1", 6_753));
        return handshake.consider(peer, ByteBuffer.allocate(0), Arrival.NONE) instanceof Admitted;
    }

    private void standsFor(String... addresses) {
        answer.set(List.of(addresses).stream().map(InetAddress::ofLiteral).toList());
    }

    @Test
    void aNameThatIsNotKnownAtTheStartIsTakenUpWhenItIs() throws IOException {
        prepare("g:later.example:*", "g:192.0.2.7:*");
        assertThat(admits(ONE)).isFalse();
        assertThat(admits("192.0.2.7")).isTrue();
        standsFor(ONE);
        TestServer.await("admitted", () -> admits(ONE));
    }

    @Test
    void aNameThatMovesTakesItsOldAddressAlong() throws IOException {
        standsFor(ONE);
        prepare("g:moving.example:*");
        assertThat(admits(ONE)).isTrue();
        standsFor(OTHER);
        TestServer.await("moved", () -> admits(OTHER));
        assertThat(admits(ONE)).isFalse();
    }

    @Test
    void aNameThatIsNotKnownForAWhileKeepsItsAddress() throws IOException {
        standsFor(ONE);
        prepare("g:moving.example:*");
        answer.set(List.of());
        assertThat(admits(ONE)).isTrue();
        standsFor(OTHER);
        TestServer.await("moved", () -> admits(OTHER));
    }

    @Test
    void aLookUpThatHangsKeepsNobodyElseOut() throws IOException {
        standsFor(ONE);
        prepare("hang:hanging.example:*", "g:known.example:*");
        assertThat(admits(ONE)).isTrue();
        standsFor(OTHER);
        TestServer.await("moved", () -> admits(OTHER));
    }

    @Test
    void nothingIsLookedUpAfterTheEnd() throws IOException {
        standsFor(ONE);
        prepare("g:moving.example:*");
        handshake.close();
        standsFor(OTHER);
        assertThat(admits(ONE)).isTrue();
    }
}
