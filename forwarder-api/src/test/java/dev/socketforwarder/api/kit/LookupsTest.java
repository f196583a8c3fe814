package dev.socketforwarder.api.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LookupsTest {
    private static final InetAddress HERE = InetAddress.ofLiteral("192.0.2.1");

    private final CountDownLatch go = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final Lookups lookups = new Lookups(task -> Thread.ofVirtual().start(task), this::resolve);

    /** Plays a name service that does not answer for certain names until the test releases it. */
    private List<InetAddress> resolve(String host) throws IOException {
        asked.incrementAndGet();
        most.accumulateAndGet(running.incrementAndGet(), Math::max);
        try {
            if (host.startsWith("hanging") && !go.await(40, TimeUnit.SECONDS)) {
                throw new IOException("never let");
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        } finally {
            running.decrementAndGet();
        }
        if (host.startsWith("unknown")) {
            throw new UnknownHostException(host);
        }
        return List.of(HERE);
    }

    @AfterEach
    void letAllGo() {
        go.countDown();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "fe80::1%1", "::ffff:10.0.0.1"})
    void anAddressIsNeverLookedUp(String host) {
        assertThat(lookups.find(host)).isCompletedWithValueMatching(found -> found.size() == 1);
        assertThat(lookups.follow(List.of(host), Duration.ofMillis(1), (_, _) -> asked.incrementAndGet()))
                .isNotNull();
        assertThat(asked).hasValue(0);
    }

    @Test
    void anAddressWhoseInterfaceIsNotThereIsNotLookedUpEither() {
        assertThat(lookups.find("fe80::1%no-such-interface")).isCompletedExceptionally();
        assertThat(asked).hasValue(0);
    }

    @Test
    void whoAsksForANameThatIsBeingLookedUpGetsTheSameAnswer() {
        var first = lookups.find("hanging");
        var second = lookups.find("hanging");
        first.cancel(true); // must not affect the other caller
        go.countDown();
        assertThat(second.join()).containsExactly(HERE);
        assertThat(asked).hasValue(1);
    }

    @Test
    void namesThatHangHoldUpNoOther() {
        IntStream.range(0, 90).forEach(i -> lookups.find("hanging" + i));
        assertThat(lookups.find("prompt").join()).containsExactly(HERE);
        // However many look-ups hang, threads are left for names that were answered before.
        IntStream.range(90, 1_000).forEach(i -> lookups.find("hanging" + i));
        for (int i = 0; i < 100; i++) {
            assertThat(lookups.find("prompt").join()).containsExactly(HERE);
        }
        assertThat(most.get()).isLessThan(128);
        go.countDown();
        assertThat(lookups.find("hanging999").join()).containsExactly(HERE);
    }

    @Test
    void aNameThatNobodyKnowsIsAnErrorAndIsAskedForAgain() {
        for (int i = 1; i <= 2; i++) {
            assertThatThrownBy(() -> lookups.find("unknown").join()).hasCauseInstanceOf(UnknownHostException.class);
            assertThat(asked).hasValue(i);
        }
    }

    @Test
    void whoWaitsForSeveralGetsThoseThatAreKnownInTime() {
        var found = lookups.find(List.of("a", "unknown", "hanging", "127.0.0.1", "a"), Duration.ofMillis(200));
        assertThat(found).containsOnlyKeys("a", "127.0.0.1").containsEntry("a", List.of(HERE));
    }

    @Test
    void aNameIsFollowedUntilTheEnd() throws InterruptedException {
        var told = new LinkedBlockingQueue<String>();
        var following = lookups.follow(
                List.of("hanging", "a", "unknown", "10.0.0.1", "a"), Duration.ofMillis(1), (host, _) -> told.add(host));
        for (int i = 0; i < 5; i++) {
            assertThat(told.poll(20, TimeUnit.SECONDS)).isEqualTo("a");
        }
        go.countDown();
        while (!told.contains("hanging")) {
            Thread.sleep(1); // the test fails by its time limit if this never ends
        }
        following.close();
        assertThat(told).doesNotContain("unknown", "10.0.0.1");
    }
}
