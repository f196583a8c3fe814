package dev.socketforwarder.runtime.groups;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.memory.QueueMemory;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A member that lags takes all memory that it may, before anybody has closed it: others do not suffer for that. */
@Timeout(30)
class ReserveTest {
    private static final int MAX = 16 << 20;
    private static final FlowLimits WIDE = new FlowLimits(1 << 30, 1 << 20, 1, Duration.ofSeconds(60));

    private final GroupRegistry groups = new GroupRegistry(
            new GroupRules(Framing.LINE, 4 << 20, Duration.ofSeconds(30), SlowMember.PACE, WIDE, ""),
            MAX,
            new QueueMemory(Long.MAX_VALUE / 2, _ -> {}),
            new Counters(),
            System::nanoTime);
    private final TestOwner hog = new TestOwner();
    private final TestOwner owner = new TestOwner();
    private final TestOwner other = new TestOwner();

    @BeforeEach
    void takeAllMemory() {
        var lagging = new TestMember("lagging", hog).join(groups, "full");
        lagging.room = 0;
        var talker = new TestMember("talker", hog).join(groups, "full");
        var line = "x".repeat(100_000);
        for (int sent = 0; sent < 2 * MAX; sent += line.length()) {
            talker.publish(line);
            hog.flush(); // runs no tasks, so that nobody is closed yet
        }
        assertThat(groups.heldBytes()).isBetween(MAX * 3L / 4, MAX - MAX / 8L);
    }

    @AfterEach
    void close() {
        groups.close();
    }

    @Test
    void whatIsHandedOverArrives() {
        var sender = new TestMember("sender", owner).join(groups, "g");
        var remote = new TestMember("remote", other).join(groups, "g");

        var line = "y".repeat(99_999) + "\n";
        for (int i = 0; i < 10; i++) {
            sender.publish(line);
            owner.flush();
            other.turn();
        }

        assertThat(remote.takenText()).isEqualTo(line.repeat(10));
        assertThat(remote.closedFor).isNull();
    }

    @Test
    void aMemberThatLagsALittleLosesNothing() {
        var sender = new TestMember("sender", owner).join(groups, "g");
        var lagging = new TestMember("lagging a little", owner).join(groups, "g");
        lagging.room = 0;
        var line = "y".repeat(99_999) + "\n";
        sender.publish(line);
        owner.turn();
        lagging.room = Long.MAX_VALUE;
        lagging.flush();

        assertThat(lagging.takenText()).isEqualTo(line);
        assertThat(lagging.closedFor).isNull();
    }

    @Test
    void aSmallUnfinishedMessageWaits() {
        var sender = new TestMember("sender", owner).join(groups, "g");
        var near = new TestMember("near", owner).join(groups, "g");

        assertThat(owner.receive(sender, "half of ".getBytes(US_ASCII), 0, 8)).isTrue();
        owner.flush();
        assertThat(owner.receive(sender, "a line\n".getBytes(US_ASCII), 0, 7)).isTrue();
        owner.flush();

        assertThat(near.takenText()).isEqualTo("half of a line\n");
    }

    @Test
    void aLargeUnfinishedMessageTakesNothingOfTheReserve() {
        var sender = new TestMember("sender", owner).join(groups, "g");

        assertThat(owner.receive(sender, new byte[200_000], 0, 200_000)).isFalse();
        assertThat(groups.heldBytes()).isLessThanOrEqualTo(MAX - MAX / 8);
    }
}
