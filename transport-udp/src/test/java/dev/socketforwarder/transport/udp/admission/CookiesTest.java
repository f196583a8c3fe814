package dev.socketforwarder.transport.udp.admission;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.TestClock;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests the validity of cookies. */
class CookiesTest {
    private static final InetSocketAddress ADDRESS = at("192.0.2.1", 4000);

    private final TestClock source = new TestClock();
    private final Cookies cookies = new Cookies(source);

    private static InetSocketAddress at(String address, int port) {
        return new InetSocketAddress(InetAddress.ofLiteral(address), port);
    }

    private void pass(Duration time) {
        source.pass(time);
    }

    private boolean isValid(InetSocketAddress address, byte[] cookie) {
        return cookies.isValid(address, ByteBuffer.wrap(cookie));
    }

    @Test
    void itIsElevenCharactersOfBase64Url() {
        for (int port = 1; port < 500; port++) {
            var text = new String(cookies.of(at("192.0.2.1", port)), StandardCharsets.US_ASCII);
            assertThat(text).matches("[A-Za-z0-9_-]{11}");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"192.0.2.1", "2001:db8::1", "fe80::1%1", "::ffff:0:c000:201"})
    void itFitsItsAddressAndPortAlone(String text) {
        var address = at(text, 4000);
        var cookie = cookies.of(address);
        assertThat(isValid(address, cookie)).isTrue();
        assertThat(isValid(at(text, 4001), cookie)).isFalse();
        for (var other :
                new String[] {"192.0.2.2", "2001:db8::2", "fe80::1", "fe80::1%2", "::c000:201", "c000:201::"}) {
            assertThat(isValid(at(other, 4000), cookie)).as(other).isFalse();
        }
        for (int i = 0; i < cookie.length; i++) {
            var changed = cookie.clone();
            changed[i] ^= 1;
            assertThat(isValid(address, changed)).isFalse();
        }
        assertThat(new Cookies(source).isValid(address, ByteBuffer.wrap(cookie)))
                .isFalse();
        assertThat(cookies.isValid(address, ByteBuffer.wrap(cookie, 0, 10))).isFalse();
    }

    @Test
    void itIsValidForHalfAMinuteAndForOneAtMost() {
        // At any time within a slot, and while keys rotate.
        for (int i = 0; i < 300; i++) {
            pass(Duration.ofMillis(1_777));
            var cookie = cookies.of(ADDRESS);
            pass(Duration.ofSeconds(29));
            assertThat(isValid(ADDRESS, cookie)).isTrue();
            pass(Duration.ofSeconds(1));
            assertThat(isValid(ADDRESS, cookie)).isTrue();
            pass(Duration.ofSeconds(30));
            assertThat(isValid(ADDRESS, cookie)).isFalse();
        }
    }

    @Test
    void aForgedOneIsRefusedWhileSomebodyHoldsTheLock() throws InterruptedException {
        var refused = new CountDownLatch(1);
        synchronized (cookies) {
            Thread.ofVirtual().start(() -> {
                if (!isValid(ADDRESS, new byte[Cookies.LENGTH])) {
                    refused.countDown();
                }
            });
            assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void allThreadsMakeAndKnowTheSame() {
        for (int i = 0; i < 200; i++) {
            var made = IntStream.range(1, 100)
                    .parallel()
                    .mapToObj(port -> isValid(at("192.0.2.1", port), cookies.of(at("192.0.2.1", port))))
                    .toList();
            assertThat(made).doesNotContain(false);
            pass(Duration.ofSeconds(50));
        }
    }

    @Test
    void noCookieComesTwice() {
        var seen = new HashSet<String>();
        for (int i = 0; i < 1000; i++) {
            assertThat(seen.add(new String(cookies.of(ADDRESS), StandardCharsets.US_ASCII)))
                    .isTrue();
            pass(Duration.ofSeconds(i % 100 == 99 ? 100_000 : 30));
        }
    }
}
