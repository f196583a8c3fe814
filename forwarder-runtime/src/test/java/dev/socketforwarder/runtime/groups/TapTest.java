package dev.socketforwarder.runtime.groups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TapTest {
    private static final GroupId GROUP = GroupId.of("g");

    private final GroupRegistry raw = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();

    @AfterEach
    void close() {
        raw.close();
    }

    private static List<String> told(Tap tap) throws InterruptedException {
        var texts = new ArrayList<String>();
        for (var next = tap.next(Duration.ZERO); next.isPresent(); next = tap.next(Duration.ZERO)) {
            texts.add(new String(next.get().bytes(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    @Test
    void aTapGetsWhatIsPublishedInItsGroupAlone() throws Exception {
        var before = raw.tap(GROUP); // there is no such group yet
        var sender = new TestMember("a", owner).join(raw, "g");
        var other = new TestMember("b", owner).join(raw, "other");
        var after = raw.tap(GROUP);

        sender.publish("one");
        other.publish("two");

        assertThat(told(before)).containsExactly("one");
        assertThat(told(after)).containsExactly("one");
    }

    @Test
    void afterItsEndItGetsNothing() throws Exception {
        var tap = raw.tap(GROUP);
        var sender = new TestMember("a", owner).join(raw, "g");
        raw.untap(tap);

        sender.publish("one");

        assertThat(told(tap)).isEmpty();
    }

    @Test
    void aTapIsNoMember() {
        raw.tap(GROUP);

        assertThat(raw.size()).isZero();
        new TestMember("a", owner).join(raw, "g");
        assertThat(raw.groups().findFirst().orElseThrow().members()).isEqualTo(1);
    }

    @Test
    void messagesAreToldApartAndLongOnesCut() throws Exception {
        try (var lines = new GroupRegistry(
                GroupRules.of(Framing.LINE, FlowLimits.DEFAULT),
                1 << 30,
                10,
                java.util.Optional.empty(),
                new Counters(),
                System::nanoTime)) {
            var tap = lines.tap(GROUP);
            var sender = new TestMember("a", owner).join(lines, "g");

            sender.publish("one\ntwo\n", "x".repeat(5_000) + "\n");

            assertThat(told(tap)).containsExactly("one", "two", "x".repeat(Tap.MOST_BYTES));
        }
    }

    @Test
    void aFloodIsCountedAndNotKept() throws Exception {
        var tap = raw.tap(GROUP);
        var sender = new TestMember("a", owner).join(raw, "g");

        for (int i = 0; i < 10_000; i++) {
            sender.publish("message");
        }

        int told = told(tap).size();
        assertThat(told).isBetween(1, 256);
        assertThat(tap.skipped()).isEqualTo(10_000 - told);
        assertThat(tap.skipped()).isZero();
    }
}
