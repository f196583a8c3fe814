package dev.socketforwarder.transport.udp.members;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.transport.udp.TestClock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests when sweeps find expired registrations. */
class LeasesTest {
    private final TestClock source = new TestClock();
    private final TurnClock clock = new TurnClock(source);
    private final Leases leases = new Leases(Duration.ofSeconds(8), clock, false);

    private static Registration registration(boolean preconfigured) {
        return new Registration(null, preconfigured, false, null);
    }

    private void pass(long seconds) {
        source.pass(Duration.ofSeconds(seconds));
        clock.tick();
    }

    @Test
    void whereNothingCanExpireNobodyWaits() {
        assertThat(leases.waitMs()).isEqualTo(-1);
        var eternal = new Leases(Duration.ZERO, clock, false);
        eternal.begin();
        assertThat(eternal.waitMs()).isEqualTo(-1);
        leases.begin();
        assertThat(leases.waitMs()).isEqualTo(8000);
        pass(9);
        assertThat(leases.expired(List.of(registration(true)), clock.nowNs())).isEmpty();
        assertThat(leases.waitMs()).isEqualTo(-1);
    }

    @Test
    void eachExpiresAtItsTimeOrALittleLater() {
        var first = registration(false);
        var second = registration(false);
        first.heard(clock.nowNs());
        leases.begin();
        pass(3);
        second.heard(clock.nowNs());
        leases.begin();
        assertThat(leases.waitMs()).isEqualTo(5000);
        pass(4);
        assertThat(leases.expired(List.of(first, second), clock.nowNs())).isEmpty();
        pass(1);
        assertThat(leases.expired(List.of(first, second), clock.nowNs())).containsExactly(first);
        assertThat(leases.waitMs()).isEqualTo(3000);
        second.heard(clock.nowNs());
        pass(3);
        assertThat(leases.expired(List.of(second), clock.nowNs())).isEmpty();
        assertThat(leases.waitMs()).isEqualTo(5000);
        pass(5);
        assertThat(leases.expired(List.of(second), clock.nowNs())).containsExactly(second);
        assertThat(leases.waitMs()).isEqualTo(-1);
    }

    @Test
    void whoWasHeardAfterTheEndIsKept() {
        var late = registration(false);
        late.heard(clock.nowNs());
        leases.begin();
        pass(8);
        long dueNs = clock.nowNs();
        pass(1); // the time it took to read what was there
        late.heard(clock.nowNs());
        assertThat(leases.expired(List.of(late), dueNs)).isEmpty();
        assertThat(leases.waitMs()).isPositive();
    }

    @Test
    void afterAPauseOtherThreadsHaveTimeToReadTheirSockets() {
        var shared = new Leases(Duration.ofSeconds(8), clock, true);
        var silent = registration(false);
        silent.heard(clock.nowNs());
        shared.begin();
        pass(60);
        assertThat(shared.expired(List.of(silent), clock.nowNs())).isEmpty();
        assertThat(shared.waitMs()).isEqualTo(500);
        pass(60);
        assertThat(shared.expired(List.of(silent), clock.nowNs())).containsExactly(silent);
    }

    @Test
    void manyTimesOfExpiryAreSweptTogether() {
        var first = registration(false);
        var second = registration(false);
        first.heard(clock.nowNs());
        leases.begin();
        source.pass(Duration.ofMillis(1));
        clock.tick();
        second.heard(clock.nowNs());
        source.pass(Duration.ofMillis(7999));
        clock.tick();
        assertThat(leases.expired(List.of(first, second), clock.nowNs())).containsExactly(first);
        assertThat(leases.waitMs()).isEqualTo(1000);
    }
}
