package dev.socketforwarder.runtime.streams.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Reason;
import java.io.IOException;
import java.net.InetAddress;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AddressLimitsTest {

    @Test
    void addressesThatAreGoneAreForgotten() throws IOException {
        var nowNs = new AtomicLong();
        var limits = new AddressLimits(1, 2, nowNs::get);
        for (int i = 0; i < 100_000; i++) {
            nowNs.addAndGet(1_000_000);
            var address = InetAddress.getByAddress(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i});
            assertThat(limits.enter(address)).isEmpty();
            assertThat(limits.enter(address)).contains(Reason.TOO_MANY_FROM_ADDRESS);
            assertThat(limits.enter(address)).contains(Reason.ACCEPT_RATE);
            limits.leave(address);
            assertThat(limits.size()).isLessThan(5_000);
        }
    }

    @Test
    void ipv6AddressesCountByTheirNetwork() throws IOException {
        var limits = new AddressLimits(1, 0, System::nanoTime);
        assertThat(limits.enter(InetAddress.ofLiteral("2001:db8:1:2::1"))).isEmpty();
        assertThat(limits.enter(InetAddress.ofLiteral("2001:db8:1:2:ffff::2"))).contains(Reason.TOO_MANY_FROM_ADDRESS);
        assertThat(limits.enter(InetAddress.ofLiteral("2001:db8:1:3::1"))).isEmpty();
        limits.leave(InetAddress.ofLiteral("2001:db8:1:2::1"));
        assertThat(limits.enter(InetAddress.ofLiteral("2001:db8:1:2::7"))).isEmpty();
    }
}
