package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.commands.Table.Column;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
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
            out.println("Slow members:");
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
                + AnswerText.text(status, "state") + ", up "
                + AnswerText.lasting(status, "uptimeSeconds")
                + (file.isNull() ? "" : ", configuration " + AnswerText.text(status, "configuration")));
        var connections = status.path("connections");
        var groups = status.path("groups");
        var queue = status.path("queue");
        out.println("connections " + share(connections, "taken") + ", groups " + share(groups, "count") + ", members "
                + AnswerText.number(status, "members")
                + (status.path("bridges").asLong(0) == 0 ? "" : ", bridges " + AnswerText.number(status, "bridges")));
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
                        : "; half is forwarded within " + AnswerText.shortTime(latency.path("p50")) + ", 99 % within "
                                + AnswerText.shortTime(latency.path("p99"))));
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
        var columns = List.of(
                new Column("ENDPOINT", endpoint -> AnswerText.text(endpoint, "name")),
                new Column("TYPE", endpoint -> AnswerText.text(endpoint, "type")),
                new Column("ADDRESSES", StatusCommand::addresses),
                new Column("CONNECTIONS", endpoint -> AnswerText.number(endpoint, "connections")),
                new Column("MEMBERS", endpoint -> AnswerText.number(endpoint, "members")),
                new Column("IN", endpoint -> AnswerText.rate(endpoint, "bytesIn")),
                new Column("OUT", endpoint -> AnswerText.rate(endpoint, "bytesOut")));
        Table.print(status.path("endpoints").valueStream().toList(), columns, out);
    }

    private static String addresses(JsonNode endpoint) {
        return endpoint.path("addresses").valueStream().map(JsonNode::asString).collect(Collectors.joining(", "));
    }

    private static void printRefusals(JsonNode refusals, PrintStream out, Instant now) {
        out.println("Refused lately:");
        var columns = List.of(
                new Column("LAST", refusal -> AnswerText.ago(refusal, "last", now)),
                new Column("TIMES", refusal -> AnswerText.number(refusal, "count")),
                new Column("ENDPOINT", refusal -> AnswerText.text(refusal, "endpoint")),
                new Column("SOURCE", refusal -> AnswerText.text(refusal, "source")),
                new Column("PORT", StatusCommand::port),
                new Column("REASON", refusal -> AnswerText.text(refusal, "reason")),
                new Column("DETAIL", StatusCommand::detail));
        Table.print(refusals.valueStream().limit(MOST_ROWS).toList(), columns, out);
        if (refusals.size() > MOST_ROWS) {
            out.println("and more, which --json shows");
        }
    }

    private static String port(JsonNode refusal) {
        return refusal.path("port").isNumber() ? AnswerText.number(refusal, "port") : AnswerText.NOTHING;
    }

    private static String detail(JsonNode refusal) {
        var bytes = refusal.path("bytes").asString("");
        var detail = refusal.path("detail").asString("");
        return Printable.line(detail + (detail.isEmpty() || bytes.isEmpty() ? "" : ": ") + bytes);
    }
}
