package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SamplerTest {
    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();
    private long seconds;
    private final Sampler sampler = new Sampler(
            Fakes.subject(groups), () -> Instant.ofEpochSecond(seconds), () -> TimeUnit.SECONDS.toNanos(seconds));

    @AfterEach
    void close() {
        groups.close();
    }

    @Test
    void theLastMinutesAreKept() {
        for (seconds = 1; seconds <= 1_000; seconds++) {
            sampler.sample();
        }

        assertThat(sampler.samples()).hasSize(300);
        assertThat(sampler.samples().getFirst().time()).isEqualTo(701);
        assertThat(sampler.samples().getLast().time()).isEqualTo(1_000);
    }

    @Test
    void queuedBytesAreLookedAtOnceASecondForEachMemberThatHasAny() {
        var sender = new TestMember("a", owner).join(groups, "g");
        var slow = new TestMember("b", owner).join(groups, "g");
        slow.room = 0;
        sender.publish("x".repeat(5_000));
        owner.turn();

        sampler.sample();
        sampler.sample();

        assertThat(sampler.queueDepth().count()).isEqualTo(2);
        assertThat((double) sampler.queueDepth().sum()).isCloseTo(10_000, within(1.0));
    }

    @Test
    void nothingIsKnownBeforeAnythingWasForwarded() {
        sampler.sample();

        assertThat(sampler.samples().getFirst().forwardingNs(0.5)).isEmpty();
        assertThat(sampler.latelyForwarded().count()).isZero();
        assertThat(sampler.rates("tcp").bytesIn().perSecond()).isZero();
        assertThat(sampler.acknowledgedPerSecond(1)).isEmpty();
    }
}
