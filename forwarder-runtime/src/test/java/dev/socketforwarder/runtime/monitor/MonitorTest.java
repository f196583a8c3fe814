package dev.socketforwarder.runtime.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.Counters;
import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Reason;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.runtime.groups.GroupRegistry;
import dev.socketforwarder.runtime.monitor.Answer.Document;
import dev.socketforwarder.runtime.monitor.Answer.Documents;
import dev.socketforwarder.runtime.monitor.Answer.Failure;
import dev.socketforwarder.runtime.testing.Fakes;
import dev.socketforwarder.runtime.testing.TestBridge;
import dev.socketforwarder.runtime.testing.TestLog;
import dev.socketforwarder.runtime.testing.TestMember;
import dev.socketforwarder.runtime.testing.TestOwner;
import dev.socketforwarder.runtime.testing.TestPeerMember;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MonitorTest {
    private final GroupRegistry groups = new GroupRegistry(FlowLimits.DEFAULT, new Counters());
    private final TestOwner owner = new TestOwner();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private final InstantSource clock = () -> now;
    private final Subject subject = Fakes.subject(groups);
    private final Monitor monitor =
            new Monitor(subject, new Sampler(subject, clock, System::nanoTime), new History(clock), clock);

    @AfterEach
    void close() {
        groups.close();
    }

    private Answer get(String path, Map<String, String> parameters) {
        return monitor.answer(new Request("GET", path, parameters), "user root");
    }

    @Test
    void membersAreListedByGroupAndThenInTheOrderInWhichTheyJoined() {
        for (var group : new String[] {"b", "a", "b", "a"}) {
            new TestMember("x", owner).join(groups, group);
        }

        var json = ((Document) get("members", Map.of())).json();
        assertThat(json.path("members").valueStream().map(MonitorTest::shown)).containsExactly("a2", "a4", "b1", "b3");
    }

    @Test
    void aBridgeIsListedAsOneAndCountsAsNoMember() {
        var bridge = bridge();
        new TestMember("a", owner).join(groups, "g");
        bridge.owner.turn();

        var members = ((Document) get("members", Map.of("group", "g"))).json();
        assertThat(members.path("members")
                        .valueStream()
                        .map(each -> each.path("kind").asString()))
                .containsExactly("member", "bridge");
        assertThat(members.path("total").asInt()).isEqualTo(2);
        assertThat(members.path("bridges").asInt()).isEqualTo(1);
        assertThat(members.path("elsewhere").toString()).isEqualTo("{\"north\":3,\"south\":1}");
        var group = ((Document) get("groups", Map.of())).json().path("groups").get(0);
        assertThat(group.path("members").asInt()).isEqualTo(1);
        assertThat(group.path("elsewhere")).isEqualTo(members.path("elsewhere"));
        var status = ((Document) get("status", Map.of())).json();
        assertThat(status.path("bridges").asInt()).isEqualTo(1);
        var explained = ((Document) get("explain", Map.of("about", "g")))
                .json()
                .path("lines")
                .toString();
        assertThat(explained).contains("has 1 member", "north has 3 members of it", "bridge 2:");
    }

    @Test
    void aGroupThatIsOnlyElsewhereIsToldToo() {
        bridge();

        var members = ((Document) get("members", Map.of("group", "g"))).json();

        assertThat(members.path("total").asInt()).isZero();
        assertThat(members.path("elsewhere").path("south").asInt()).isEqualTo(1);
        assertThat(((Document) get("members", Map.of("group", "h"))).json().path("elsewhere"))
                .isEmpty();
    }

    private TestBridge bridge() {
        return new TestBridge(new TestOwner()) {
            @Override
            public Map<String, Integer> elsewhere(GroupId group) {
                return group.equals(GroupId.of("g")) ? Map.of("south", 1, "north", 3) : Map.of();
            }
        }.watch(groups);
    }

    private static String shown(JsonNode member) {
        return member.path("group").asString() + member.path("id").asLong();
    }

    @Test
    void theLogTellsWhoIsKickedBeforeThatMemberLeaves() {
        try (var log = new TestLog()) {
            groups.listener(new JoinLog(() -> true, new History(clock)));
            new TestPeerMember("192.0.2.7", owner).join(groups, "g");

            monitor.answer(new Request("POST", "members/1/kick", Map.of()), "user root");
            owner.turn();

            assertThat(log.text())
                    .containsSubsequence(
                            "member 1 ( 192.0.2.7:1 in \"g\") is kicked by user root",
                            "192.0.2.7:1 left \"g\": " + Reason.KICKED);
        }
    }

    @Test
    void theLogTellsOfATapsBeginAndEnd() throws Exception {
        try (var log = new TestLog()) {
            var tap = ((Documents) get("tap", Map.of("group", "g"))).source();
            var sender = new TestMember("a", owner).join(groups, "g");
            sender.publish("one", "two");
            assertThat(tap.next(Duration.ZERO)).isPresent();
            assertThat(tap.next(Duration.ZERO)).isPresent();
            now = now.plusSeconds(75);
            tap.close();

            assertThat(log.text())
                    .containsSubsequence(
                            "group \"g\" is tapped by user root",
                            "group \"g\" is no longer tapped by user root: 2 messages shown and 0 skipped in 1m15s");
        }
    }

    @Test
    void aTapOfAnEndpointsNameIsOfItsOwnGroupUnlessThereIsAnother() {
        groups.publisher(new GroupId("udp", true), owner);
        try (var log = new TestLog()) {
            ((Documents) get("tap", Map.of("group", "udp"))).source().close();
            assertThat(log.text()).contains("  the group of endpoint udp is tapped by user root");
            new TestMember("a", owner).join(groups, "udp");
            ((Documents) get("tap", Map.of("group", "udp"))).source().close();
            assertThat(log.text()).contains("group \"udp\" is tapped by user root");
        }
    }

    @Test
    void bytesThatAreNoTextAreMarkedInATap() throws Exception {
        var tap = ((Documents) get("tap", Map.of("group", "g"))).source();
        var sender = new TestMember("a", owner).join(groups, "g");

        sender.publish("caf\u00e9 \\x1b\u001b"); // as bytes of ISO 8859-1

        assertThat(tap.next(Duration.ZERO).orElseThrow().path("text").asString())
                .isEqualTo("caf\\xe9 \\\\x1b\\x1b");
        tap.close();
    }

    @Test
    void whatIsUnknownIsNotFound() {
        assertThat(get("explain", Map.of("about", "nosuch"))).isInstanceOfSatisfying(Failure.class, failure -> {
            assertThat(failure.status()).isEqualTo(404);
            assertThat(failure.error()).startsWith("nothing is known of \"nosuch\"");
        });
        assertThat(monitor.answer(new Request("POST", "members/7/kick", Map.of()), "user root"))
                .isEqualTo(new Failure(404, "there is no member 7"));
    }
}
