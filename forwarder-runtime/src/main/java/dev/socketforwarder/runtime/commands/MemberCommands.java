package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.time.Duration;
import java.time.InstantSource;
import tools.jackson.databind.JsonNode;

/** Prints the members and the groups of the running process. */
final class MemberCommands {
    private MemberCommands() {}

    static void print(JsonNode members, PrintStream out, InstantSource clock) {
        var now = clock.instant();
        var table = new Table(
                "MEMBER",
                "ADDRESS",
                "ENDPOINT",
                "GROUP",
                "SINCE",
                "SENT",
                "GOT",
                "IN",
                "OUT",
                "QUEUED",
                "KERNEL",
                "LAGGING",
                "STATE");
        members.forEach(member -> table.add(
                AnswerText.number(member, "id"),
                AnswerText.text(member, "address"),
                AnswerText.text(member, "endpoint"),
                AnswerText.group(member, "group", "groupOfEndpoint"),
                AnswerText.ago(member, "joined", now),
                AnswerText.bytes(member, "bytesIn"),
                AnswerText.bytes(member, "bytesOut"),
                AnswerText.rate(member, "bytesIn"),
                AnswerText.rate(member, "bytesOut"),
                AnswerText.bytes(member, "queued"),
                AnswerText.bytes(member, "kernel"),
                lagging(member),
                state(member)));
        table.print(out);
    }

    private static String lagging(JsonNode member) {
        double seconds = member.path("laggingSeconds").asDouble(0);
        if (seconds == 0) {
            return "-";
        }
        var taken = member.path("acknowledgedPerSecond");
        return AnswerText.lasting(Duration.ofMillis((long) (seconds * 1_000)))
                + (taken.isNumber() ? ", takes " + Values.rounded(taken.asLong()) + "/s" : "");
    }

    private static String state(JsonNode member) {
        var state = new StringBuilder();
        if (!member.path("tls").isNull()) {
            state.append(AnswerText.text(member, "tls"));
        }
        if (!member.path("certificate").isNull()) {
            state.append(' ').append(AnswerText.text(member, "certificate"));
        }
        if (!member.path("pausedBy").isNull()) {
            state.append(state.isEmpty() ? "" : ", ").append("paused by ").append(AnswerText.text(member, "pausedBy"));
        }
        long leftOut = member.path("leftOut").asLong(0);
        if (leftOut > 0) {
            state.append(state.isEmpty() ? "" : ", ").append(leftOut).append(" left out");
        }
        return state.toString().strip();
    }

    static void printGroups(JsonNode groups, PrintStream out) {
        var table = new Table("GROUP", "FRAMING", "MEMBERS", "SENT", "GOT", "IN", "OUT", "HELD", "STATE");
        groups.forEach(group -> {
            long leftOut = group.path("leftOut").asLong(0);
            table.add(
                    AnswerText.group(group, "name", "ofEndpoint"),
                    AnswerText.text(group, "framing"),
                    AnswerText.number(group, "members"),
                    AnswerText.bytes(group, "bytesIn"),
                    AnswerText.bytes(group, "bytesOut"),
                    AnswerText.rate(group, "bytesIn"),
                    AnswerText.rate(group, "bytesOut"),
                    AnswerText.bytes(group, "held"),
                    (group.path("paced").asBoolean(false) ? "waits for a member that lags" : "")
                            + (leftOut > 0 ? " " + leftOut + " left out" : ""));
        });
        table.print(out);
    }
}
