package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.commands.Table.Column;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Prints the members and the groups of the running process. */
final class MemberCommands {
    private static final List<Column> TRAFFIC = List.of(
            new Column("SENT", each -> AnswerText.bytes(each, "bytesIn")),
            new Column("GOT", each -> AnswerText.bytes(each, "bytesOut")),
            new Column("IN", each -> AnswerText.rate(each, "bytesIn")),
            new Column("OUT", each -> AnswerText.rate(each, "bytesOut")));

    private static final List<Column> GROUPS = around(
            List.of(
                    new Column("GROUP", group -> AnswerText.group(group, "name", "ofEndpoint")),
                    new Column("FRAMING", group -> AnswerText.text(group, "framing")),
                    new Column("MEMBERS", group -> AnswerText.number(group, "members"))),
            List.of(
                    new Column("HELD", group -> AnswerText.bytes(group, "held")),
                    new Column("STATE", MemberCommands::stateOfGroup)));

    private MemberCommands() {}

    private static List<Column> around(List<Column> before, List<Column> after) {
        var all = new ArrayList<>(before);
        all.addAll(TRAFFIC);
        all.addAll(after);
        return all;
    }

    static void printGroups(JsonNode groups, PrintStream out) {
        if (groups.isEmpty()) {
            out.println("no group has members");
        } else {
            Table.print(groups.valueStream().toList(), GROUPS, out);
        }
    }

    static void print(JsonNode members, PrintStream out, InstantSource clock) {
        if (members.isEmpty()) {
            out.println("there are no members");
            return;
        }
        var now = clock.instant();
        var columns = around(
                List.of(
                        new Column("MEMBER", member -> AnswerText.number(member, "id")),
                        new Column("ADDRESS", member -> AnswerText.text(member, "address")),
                        new Column("ENDPOINT", member -> AnswerText.text(member, "endpoint")),
                        new Column("GROUP", member -> AnswerText.group(member, "group", "groupOfEndpoint")),
                        new Column("JOINED", member -> AnswerText.ago(member, "joined", now))),
                List.of(
                        new Column("QUEUED", member -> AnswerText.bytes(member, "queued")),
                        new Column("KERNEL", member -> AnswerText.bytes(member, "kernel")),
                        new Column("SLOW", MemberCommands::slow),
                        new Column("STATE", MemberCommands::state)));
        Table.print(members.valueStream().toList(), columns, out);
    }

    /** Print how many members a group has in other processes, if any are known. */
    static void printElsewhere(JsonNode elsewhere, PrintStream out) {
        if (!elsewhere.isEmpty()) {
            out.println("elsewhere: " + elsewhere(elsewhere));
        }
    }

    private static String elsewhere(JsonNode elsewhere) {
        return elsewhere
                .propertyStream()
                .map(node -> Printable.line(node.getKey()) + " "
                        + Values.counted(node.getValue().asLong(0), "member"))
                .collect(Collectors.joining(", "));
    }

    private static String stateOfGroup(JsonNode group) {
        var state = hindrances(group);
        if (!group.path("elsewhere").isEmpty()) {
            state.add("elsewhere " + elsewhere(group.path("elsewhere")));
        }
        return String.join(", ", state);
    }

    private static String slow(JsonNode member) {
        if (!member.path("slow").asBoolean(false)) {
            return AnswerText.NOTHING;
        }
        var taken = member.path("acknowledgedPerSecond");
        boolean isFull = member.path("fullSeconds").asDouble(0) > 0;
        return AnswerText.lasting(member, "laggingSeconds")
                + (isFull ? ", full " + AnswerText.lasting(member, "fullSeconds") : "")
                + (taken.isNumber() ? ", takes " + Values.rounded(taken.asLong()) + "/s" : "");
    }

    private static String state(JsonNode member) {
        var state = hindrances(member);
        if (member.path("kind").asString("").equals("bridge")) {
            state.addFirst("bridge");
        }
        if (!member.path("certificate").isNull()) {
            state.addFirst(AnswerText.text(member, "certificate"));
        }
        if (!member.path("tls").isNull()) {
            state.addFirst(AnswerText.text(member, "tls"));
        }
        return String.join(", ", state);
    }

    /** {@return what is wrong with a member or a group} */
    private static List<String> hindrances(JsonNode from) {
        var found = new ArrayList<String>();
        if (from.path("pausedBy").isString()) {
            found.add("paused by " + AnswerText.text(from, "pausedBy"));
        }
        long leftOut = from.path("leftOut").asLong(0);
        if (leftOut > 0) {
            found.add(leftOut + " left out");
        }
        return found;
    }
}
