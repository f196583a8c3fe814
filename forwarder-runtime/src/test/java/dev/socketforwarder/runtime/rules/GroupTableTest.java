package dev.socketforwarder.runtime.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.GroupId;
import dev.socketforwarder.api.Rates;
import dev.socketforwarder.api.buffer.FlowLimits;
import dev.socketforwarder.api.buffer.Framing;
import dev.socketforwarder.runtime.groups.GroupRules;
import dev.socketforwarder.runtime.groups.SlowMember;
import dev.socketforwarder.runtime.process.DirectMemory;
import dev.socketforwarder.runtime.testing.Fakes;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests how the configuration's rules apply to groups, and which are refused. */
class GroupTableTest {

    private static GroupTable tcp(String yaml) {
        var configuration = Fakes.yaml(yaml);
        return GroupTable.read(configuration, configuration.endpoint("tcp"));
    }

    @Test
    void groupsAreRawAndPacedWithNothingSaid() {
        assertThat(tcp("").of(GroupId.of("g"))).isEqualTo(GroupRules.raw(FlowLimits.DEFAULT));
        assertThat(tcp("").others()).isEqualTo(GroupTable.DEFAULT.others());
    }

    @Test
    void groupsEntryGoesBeforeEndpointAndThatBeforeProcess() {
        var table = tcp("""
                framing: line
                max-message-size: 1KiB
                high-water: 5MiB
                transports: { tcp: { max-message-size: 2KiB, slow-member: disconnect } }
                groups:
                  a: { max-message-size: 3KiB }
                """);

        var a = table.of(GroupId.of("a"));
        var other = table.of(GroupId.of("b"));

        assertThat(a.maxMessageSize()).isEqualTo(3072);
        assertThat(other.maxMessageSize()).isEqualTo(2048);
        assertThat(List.of(a, other)).allSatisfy(rules -> {
            assertThat(rules.framing()).isEqualTo(Framing.LINE);
            assertThat(rules.slowMember()).isEqualTo(SlowMember.DISCONNECT);
            assertThat(rules.flow().highWater()).isEqualTo(5 << 20);
        });
    }

    @Test
    void limitsOfMembersAreAGroupsToo() {
        var table = tcp("""
                max-group-members: 5
                member-rate: 1KiB
                transports: { tcp: { group-rate: 2KiB } }
                groups:
                  a: { max-group-members: 3, member-rate: 7, group-rate: 8 }
                """);

        var a = table.of(GroupId.of("a")).members();
        var other = table.of(GroupId.of("b")).members();

        assertThat(a.most()).isEqualTo(3);
        assertThat(a.rates()).isEqualTo(new Rates(7, 8));
        assertThat(other.most()).isEqualTo(5);
        assertThat(other.rates()).isEqualTo(new Rates(1024, 2048));
    }

    @Test
    void theJoinReplyIsOneMessageOfTheGroup() {
        var table = tcp("""
                join-reply: hi
                groups:
                  lines: { framing: line }
                  binary: { framing: length-prefixed, length-width: 2 }
                  parted: { framing: delimiter, delimiter: "||", join-reply: welcome }
                """);

        assertThat(reply(table, "any")).isEqualTo("hi\n");
        assertThat(reply(table, "lines")).isEqualTo("hi\n");
        assertThat(reply(table, "binary")).isEqualTo("\0\2hi");
        assertThat(reply(table, "parted")).isEqualTo("welcome||");
        assertThat(tcp("").others().members().joinReply()).isEmpty();
    }

    private static String reply(GroupTable table, String group) {
        var reply = table.of(GroupId.of(group)).members().joinReply().orElseThrow();
        assertThat(reply.isDirect()).isTrue();
        return StandardCharsets.UTF_8.decode(reply.duplicate().clear()).toString();
    }

    @Test
    void firstEntryThatMatchesHoldsAndNoneForAnEndpointsOwnGroup() {
        var table = tcp("""
                groups:
                  sensors: { match: [ "sensor-*", probe ], framing: line }
                  rest: { match: "*", framing: length-prefixed, length-width: 2, byte-order: little }
                """);

        assertThat(table.of(GroupId.of("sensor-1")).framing()).isEqualTo(Framing.LINE);
        assertThat(table.of(GroupId.of("probe")).framing()).isEqualTo(Framing.LINE);
        assertThat(table.of(GroupId.of("sensors")).framing())
                .isEqualTo(Framing.lengthPrefixed(2, ByteOrder.LITTLE_ENDIAN));
        assertThat(table.of(GroupId.ofEndpoint("probe")).framing()).isEqualTo(Framing.RAW);
    }

    @Test
    void delimiterIsTextOrHexadecimal() {
        assertThat(tcp("framing: delimiter\ndelimiter: \"\\r\\n\"").others().framing())
                .isEqualTo(tcp("framing: delimiter\ndelimiter: 0x0d0a").others().framing())
                .isEqualTo(Framing.delimiter("\r\n".getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void environmentSetsAGroupsKeyInBothSpellings() {
        var configuration = Fakes.merged(
                "",
                Map.of(
                        "SOCKETFORWARDER_GROUPS_CHAT_ROOM_MAX_MESSAGE_SIZE", "7",
                        "socketforwarder.groups.chat_room.message_timeout", "3s"));

        var rules =
                GroupTable.read(configuration, configuration.endpoint("tcp")).of(GroupId.of("chat-room"));

        assertThat(rules.maxMessageSize()).isEqualTo(7);
        assertThat(rules.messageTimeout()).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void aLowerHighMarkLowersTheLowOne() {
        assertThat(tcp("high-water: 4KiB").others().flow().lowWater()).isEqualTo(1024);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "slow-member: drop|conf.yaml:1: slow-member is \"drop\", but must be pace or disconnect where framing is raw",
                "groups: { a: { slow-member: drop } }|conf.yaml:1: groups.a.slow-member is \"drop\", but must be pace or",
                "length-width: 3|conf.yaml:1: length-width is \"3\", but must be 2 or 4",
                "framing: words|conf.yaml:1: framing is \"words\", but must be raw or line or length-prefixed or delimiter",
                "framing: delimiter|delimiter is \"\", but must be 1 to 64 bytes, as text or as in 0x0d0a",
                "gap-notice: hm|conf.yaml:1: gap-notice is \"hm\", but must be one message in the group's framing, which is raw",
                "join-reply: \"a\\nb\"|conf.yaml:1: join-reply is \"a\\nb\", but must be a text of less than 1024 bytes",
                "{ framing: delimiter, delimiter: ö, join-reply: schön }|join-reply is \"schön\", but must be one message in the",
                "{ framing: line, max-message-size: 2, join-reply: hey }|join-reply is \"hey\", but must be one message in the",
                "groups: { a: { max-group-members: 0 } }|groups.a.max-group-members is \"0\", but must be a whole number from 1 to",
                "groups: [a]|conf.yaml:1: groups is a list, but must be a map of keys with values",
                "groups: { a: line }|conf.yaml:1: groups.a is a text, but must be a map of keys with values",
                "high-water: 0|conf.yaml:1: high-water is \"0\", but must be a number of bytes from 1 to 1GiB",
                "low-water: 2MiB|conf.yaml:1: low-water is \"2MiB\", but must be a number of bytes from 1 to 1MiB",
                "stall-timeout: 1ms|conf.yaml:1: stall-timeout is \"1ms\", but must be a time from 100ms to 1h",
            })
    void wrongRulesAreTold(String yaml, String message) {
        assertThatThrownBy(() -> tcp(yaml)).hasMessageContaining(message);
    }

    @Test
    void unknownKeyOfAGroupIsAnError() {
        var configuration = Fakes.yaml("groups: { a: { framming: line } }");
        configuration.groupNames();

        assertThatThrownBy(configuration::unread)
                .hasMessageContaining("groups.a.framming")
                .hasMessageContaining("did you mean groups.a.framing?");
    }

    @Test
    void anEndpointForDatagramsSaysNothingThatOnlyStreamsHeed() {
        var right = Fakes.yaml("{ member-rate: 1, transports: { udp: { group-rate: 0, join-reply: '' } } }");
        GroupTable.read(right, right.endpoint("udp"));
        GroupTable.refuseRulesOfStreams(right.endpoint("udp"));
        assertThat(right.inForce("transports.udp.high-water")).isPresent();
        assertThat(right.inForce("transports.udp.member-rate"))
                .as("what config prints has to be a configuration")
                .isEmpty();
        var wrong = Fakes.yaml("{ transports: { udp: { join-reply: hi } } }");
        assertThatThrownBy(() -> GroupTable.refuseRulesOfStreams(wrong.endpoint("udp")))
                .hasMessageContaining(
                        "transports.udp.join-reply is \"hi\", but must be set for an endpoint with connections");
    }

    @Test
    void framedGroupsMakeFirstMessagesLines() {
        var configuration = Fakes.yaml("groups: { a: { framing: line } }");
        var settings = configuration.endpoint("tcp");

        GroupTable.read(configuration, settings).requireLines(settings);

        assertThat(settings.text("first-message", "auto")).isEqualTo("line");
        assertThat(configuration
                        .inForce("transports.tcp.first-message")
                        .orElseThrow()
                        .origin()
                        .place())
                .isEqualTo("since there are groups with framing line");
    }

    @Test
    void framedGroupsDemandFirstMessagesOnLines() {
        var configuration = Fakes.yaml("first-message: auto\ngroups: { a: { framing: line } }");
        var settings = configuration.endpoint("tcp");

        assertThatThrownBy(() -> GroupTable.read(configuration, settings).requireLines(settings))
                .hasMessageContaining(
                        "first-message is \"auto\", but must be line, since there are groups with framing line");
        var right = Fakes.yaml("first-message: line\ngroups: { a: { framing: line } }");
        GroupTable.read(right, right.endpoint("tcp")).requireLines(right.endpoint("tcp"));
    }

    @Test
    void directMemoryIsWhatTheLastOptionSays() {
        var environment = Map.of("JDK_JAVA_OPTIONS", "-Xmx1g '-XX:MaxDirectMemorySize=1k'");

        assertThat(DirectMemory.option(new String[] {"-XX:MaxDirectMemorySize=2m"}, environment))
                .hasValue(2 << 20);
        assertThat(DirectMemory.option(new String[0], environment)).hasValue(1024);
        assertThat(DirectMemory.option(new String[] {"-XX:MaxDirectMemorySize=7"}, Map.of()))
                .hasValue(7);
        assertThat(DirectMemory.option(new String[0], Map.of())).isEmpty();
    }
}
