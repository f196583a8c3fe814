package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.Places;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.streams.loop.EventLoops;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ExplanationTest {
    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();
    private final History history = new History(Instant::now);
    private final Explanation explanation = new Explanation(
            new Subject(
                    "1",
                    Instant.EPOCH,
                    Optional.empty(),
                    () -> Fakes.yaml(""),
                    List::of,
                    groups,
                    List::of,
                    new Places(10),
                    new EventLoops(),
                    () -> false,
                    () -> {},
                    () -> Reloaded.failed(""),
                    Optional::empty),
            history,
            Instant::now);

    @BeforeEach
    void listen() {
        groups.listener(history);
    }

    @AfterEach
    void close() {
        groups.close();
    }

    private List<String> explain(String about) {
        return explanation.of(about);
    }

    @Test
    void aMemberIsFoundByItsAddressWithAndWithoutThePort() {
        new TestPeerMember("192.0.2.7", owner).join(groups, "telemetry");

        assertThat(explain("192.0.2.7").getFirst()).contains("192.0.2.7:1 is member 1 of \"telemetry\"");
        assertThat(explain("192.0.2.7:1").getFirst()).contains("is member 1");
        assertThat(explain("192.0.2.7:2").getFirst()).startsWith("Nothing is known");
        assertThat(explain("192.0.2").getFirst()).startsWith("Nothing is known");
    }

    @Test
    void aNameThatIsNearlyTheSameIsNoted() {
        new TestMember("a", owner).join(groups, "telemetry");
        new TestMember("b", owner).join(groups, " telemetri");
        new TestMember("c", owner).join(groups, "chat");

        assertThat(String.join("\n", explain(" telemetri")))
                .contains("note that there is a group \"telemetry\" with 1 member")
                .doesNotContain("chat");
    }

    @Test
    void aLeaveAndARefusalAreTold() {
        var member = new TestPeerMember("192.0.2.7", owner).join(groups, "telemetry");
        member.membership.leave(Reason.IDLE);
        history.refused(
                "tcp",
                Reason.WRONG_PREFIX,
                "192.0.2.7",
                "expected x",
                ByteBuffer.wrap("\u001b[2J".getBytes(StandardCharsets.UTF_8)));

        assertThat(String.join("\n", explain("192.0.2.7")))
                .contains("192.0.2.7:1 left \"telemetry\": idle")
                .contains("refused 192.0.2.7: wrong-prefix, expected x: \"\\x1b[2J\"");
    }

    @Test
    void longNamesAreNotCompared() {
        new TestMember("a", owner).join(groups, "x".repeat(250) + "a");

        assertThat(explain("x".repeat(250) + "b")).hasSize(1);
        new TestMember("b", owner).join(groups, "short-a");
        assertThat(explain("short-b")).hasSize(2);
    }
}
