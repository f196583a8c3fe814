package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final History history = new History(() -> now);
    private final Explanation explanation = new Explanation(Fakes.subject(groups), history, () -> now);

    @BeforeEach
    void listen() {
        groups.listener(history);
    }

    @AfterEach
    void close() {
        groups.close();
    }

    private String explain(String about) {
        return String.join("\n", explanation.of(about));
    }

    private void refuse(String source, int port, String bytes) {
        history.refused(
                "tcp",
                Reason.WRONG_PREFIX,
                source,
                port,
                "expected x",
                ByteBuffer.wrap(bytes.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void aMemberIsFoundByItsAddressWithAndWithoutThePort() {
        new TestPeerMember("192.0.2.7", owner).join(groups, "telemetry");

        assertThat(explain("192.0.2.7")).startsWith("Members:\n  ").contains("192.0.2.7:1 joined \"telemetry\"");
        assertThat(explain("192.0.2.7:1")).contains(" as member 1; nobody else is in that group");
        assertThat(explain("192.0.2.7:2")).isEmpty();
        assertThat(explain("192.0.2")).isEmpty();
    }

    @Test
    void aNameThatIsNearlyTheSameIsNoted() {
        new TestMember("a", owner).join(groups, "telemetry");
        new TestMember("b", owner).join(groups, " telemetri");
        new TestMember("c", owner).join(groups, "chat");

        assertThat(explain(" telemetri"))
                .contains("\n    groups with similar names: \"telemetry\" (1 member)\n")
                .doesNotContain("chat");
        assertThat(explanation.unknown("telemetrie"))
                .startsWith("nothing is known of \"telemetrie\"")
                .contains("similar names: ", "\" telemetri\" (1 member)", "\"telemetry\" (1 member)")
                .doesNotContain("\n");
    }

    @Test
    void theMemberThatAllWaitForIsTold() {
        var sender = new TestPeerMember("192.0.2.1", owner).join(groups, "g");
        var blocking = new TestPeerMember("192.0.2.2", owner).join(groups, "g");
        new TestPeerMember("192.0.2.3", owner).join(groups, "g");
        blocking.room = 0;
        for (int i = 0; !sender.paused; i++) {
            assertThat(i).isLessThan(1_000);
            sender.publish("x".repeat(100_000));
            owner.turn();
        }

        var cause = "\n    the group's senders have waited for member 2 \\( 192.0.2.2:1\\) for [0-9]+m?s:"
                + " [0-9.]+ [KM]iB are queued for it";
        assertThat(explain("192.0.2.3")).containsPattern(cause);
        assertThat(explain("g")).containsPattern(cause);
        assertThat(explain("192.0.2.2"))
                .containsPattern("are queued for it; it has lagged for [0-9]+m?s\n")
                .containsPattern("the group's senders have waited for it for [0-9]+m?s\n")
                .doesNotContain("waited for member 2");
    }

    @Test
    void aGroupTellsWhyItsMembersWereClosedAndNothingOfOthers() {
        var stalled = new TestPeerMember("192.0.2.7", owner).join(groups, "camera");
        stalled.membership.leave(Reason.STALLED);
        var endpoint = history.events().getFirst().endpoint();
        var nothing = ByteBuffer.allocate(0);
        history.refused(endpoint, Reason.STALLED, "192.0.2.7", 1, "1.0 MiB unsent", nothing);
        history.refused(endpoint, Reason.STALLED, "192.0.2.7", 2, "of another port", nothing);
        history.refused("other", Reason.STALLED, "192.0.2.7", 1, "of another endpoint", nothing);

        assertThat(explain("camera"))
                .contains("\nRefusals and closings, the latest first:\n", ": stalled (port 1), 1.0 MiB unsent\n")
                .contains(Remedies.of(Reason.STALLED))
                .doesNotContain("of another", "times");
        assertThat(explain("192.0.2.7")).contains("2 times in the last 0s").doesNotContain("1.0 MiB unsent");
    }

    @Test
    void aLeaveAndARefusalAreTold() {
        var member = new TestPeerMember("192.0.2.7", owner).join(groups, "telemetry");
        member.membership.leave(Reason.IDLE);
        refuse("192.0.2.7", 40_000, "\u001b[2J");
        now = now.plusSeconds(75);

        assertThat(explain("192.0.2.7"))
                .contains("Joins and leaves, the latest first:\n  1m15s ago: ")
                .contains("192.0.2.7:1 left \"telemetry\": idle")
                .contains("Refusals and closings, the latest first:\n  1m15s ago: tcp refused 192.0.2.7: wrong-prefix"
                        + " (port 40000), expected x: \"\\x1b[2J\"")
                .contains("  Make the client ");
    }

    @Test
    void whoAsksForAPortGetsTheRefusalsOfThatPort() {
        refuse("192.0.2.7", 40_000, "first");
        refuse("192.0.2.7", 40_001, "second");

        assertThat(explain("192.0.2.7:40000")).contains("first").doesNotContain("second");
        assertThat(explain("192.0.2.7")).contains("second", "2 times in the last 0s, lately from ports 40001, 40000");
        assertThat(explain("192.0.2.7:50000"))
                .isEqualTo("Other ports of 192.0.2.7 were refused: socketforwarder explain 192.0.2.7");
    }

    @Test
    void adviceIsGivenOnce() {
        for (int i = 0; i < 3; i++) {
            new TestPeerMember("192.0.2.7", owner)
                    .join(groups, "telemetry")
                    .membership
                    .leave(Reason.IDLE);
        }

        assertThat(explain("192.0.2.7")).containsOnlyOnce(Remedies.of(Reason.IDLE));
    }

    @Test
    void longListsAreCut() {
        for (int i = 0; i < 25; i++) {
            new TestMember("a" + i, owner).join(groups, "g");
        }

        assertThat(explain("g")).contains("\n    and 5 more\n", "\n  and 5 more");
    }

    @Test
    void addressesOfVersion6AreFoundToo() {
        refuse("2001:db8::1", 40_000, "x");

        assertThat(explain("2001:db8::1")).contains("wrong-prefix");
        assertThat(explain("[2001:db8::1]")).contains("wrong-prefix");
        assertThat(explain("[2001:db8::1]:40000")).contains("wrong-prefix");
        assertThat(explain("[2001:db8::1]:1")).contains("Other ports");
        assertThat(explain("2001:db8::2")).isEmpty();
    }

    @Test
    void longNamesAreNotCompared() {
        new TestMember("a", owner).join(groups, "x".repeat(250) + "a");

        assertThat(explanation.unknown("x".repeat(250) + "b")).doesNotContain("similar");
        new TestMember("b", owner).join(groups, "short-a");
        assertThat(explanation.unknown("short-b")).contains("similar names: \"short-a\" (1 member)");
    }
}
