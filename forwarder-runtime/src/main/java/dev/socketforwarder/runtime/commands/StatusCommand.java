package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Prints the state of the running process on one screen. */
final class StatusCommand {
    private static final int MOST_ROWS = 10;

    private StatusCommand() {}

    static void print(JsonNode status, PrintStream out, InstantSource clock) {
        printHead(status, out);
        out.println();
        printEndpoints(status, out);
        if (!status.path("lagging").isEmpty()) {
            out.println();
            out.println("Members that lag:");
            MemberCommands.print(status.path("lagging"), out, clock);
        }
        if (!status.path("refusals").isEmpty()) {
            out.println();
            printRefusals(status.path("refusals"), out, clock.instant());
        }
    }

    private static void printHead(JsonNode status, PrintStream out) {
        var file = status.path("configuration");
        out.println("socketforwarder " + AnswerText.text(status, "version") + ", pid "
                + AnswerText.number(status, "pid") + ", "
                + AnswerText.text(status, "state") + " for "
                + AnswerText.lasting(
                        Duration.ofMillis((long) (status.path("uptimeSeconds").asDouble(0) * 1_000)))
                + (file.isNull() ? "" : ", configuration " + AnswerText.text(status, "configuration")));
        var connections = status.path("connections");
        var groups = status.path("groups");
        var queue = status.path("queue");
        out.println("connections " + share(connections, "taken") + ", groups " + share(groups, "count") + ", members "
                + AnswerText.number(status, "members"));
        long held = queue.path("held").asLong(0);
        long most = queue.path("most").asLong(0);
        out.println("queue memory " + AnswerText.share(held, most, Values.rounded(held), Values.rounded(most)));
        var latency = status.path("latency");
        var rates = status.path("rates");
        out.println("in " + AnswerText.rate(status, "bytesIn") + " (" + AnswerText.number(rates, "readsPerSecond")
                + " reads/s), out " + AnswerText.rate(status, "bytesOut") + " ("
                + AnswerText.number(rates, "writesPerSecond")
                + " writes/s)"
                + (latency.isNull()
                        ? ""
                        : ", forwarded within " + AnswerText.shortTime(latency.path("p50")) + " (half), "
                                + AnswerText.shortTime(latency.path("p99")) + " (99 %)"));
        if (!status.path("loops").isEmpty()) {
            out.println("event loops busy "
                    + status.path("loops")
                            .valueStream()
                            .map(loop ->
                                    Math.round(100 * loop.path("utilisation").asDouble(0)) + " %")
                            .collect(Collectors.joining(", ")));
        }
    }

    private static String share(JsonNode limit, String taken) {
        long now = limit.path(taken).asLong(0);
        long most = limit.path("most").asLong(0);
        return AnswerText.share(now, most, Long.toString(now), Long.toString(most));
    }

    private static void printEndpoints(JsonNode status, PrintStream out) {
        var table = new Table("ENDPOINT", "TYPE", "ADDRESSES", "CONNECTIONS", "MEMBERS", "IN", "OUT");
        status.path("endpoints")
                .forEach(endpoint -> table.add(
                        AnswerText.text(endpoint, "name"),
                        AnswerText.text(endpoint, "type"),
                        endpoint.path("addresses")
                                .valueStream()
                                .map(JsonNode::asString)
                                .collect(Collectors.joining(", ")),
                        AnswerText.number(endpoint, "connections"),
                        AnswerText.number(endpoint, "members"),
                        AnswerText.rate(endpoint, "bytesIn"),
                        AnswerText.rate(endpoint, "bytesOut")));
        table.print(out);
    }

    private static void printRefusals(JsonNode refusals, PrintStream out, Instant now) {
        out.println("Refused lately:");
        var table = new Table("LAST", "TIMES", "ENDPOINT", "SOURCE", "REASON", "DETAIL");
        refusals.valueStream().limit(MOST_ROWS).forEach(refusal -> {
            var bytes = refusal.path("bytes").asString("");
            var detail = refusal.path("detail").asString("");
            table.add(
                    AnswerText.ago(refusal, "last", now),
                    AnswerText.number(refusal, "count"),
                    AnswerText.text(refusal, "endpoint"),
                    AnswerText.text(refusal, "source"),
                    AnswerText.text(refusal, "reason"),
                    Printable.line(detail + (detail.isEmpty() || bytes.isEmpty() ? "" : ": ") + bytes));
        });
        table.print(out);
    }
}
