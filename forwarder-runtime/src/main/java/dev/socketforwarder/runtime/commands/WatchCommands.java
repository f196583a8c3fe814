package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Configuration;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.config.Reloaded;
import dev.socketforwarder.runtime.control.ControlClient;
import dev.socketforwarder.runtime.control.ControlClient.NoAnswerException;
import dev.socketforwarder.runtime.control.ControlPath;
import dev.socketforwarder.runtime.monitor.Request;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Values;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Runs the commands that talk to the running process through its control socket. */
final class WatchCommands {
    private static final Duration REFRESH = Duration.ofSeconds(1);
    private static final String CLEAR = "\u001b[H\u001b[2J";
    private static final int MOST_ROWS = 20;

    private final ControlClient client;
    private final boolean json;
    private final PrintStream out;
    private final PrintStream err;
    private final InstantSource clock;

    private WatchCommands(ControlClient client, boolean json, PrintStream out, PrintStream err, InstantSource clock) {
        this.client = client;
        this.json = json;
        this.out = out;
        this.err = err;
        this.clock = clock;
    }

    /**
     * Run one of these commands.
     *
     * @param argument the group, member or address; empty if there is none
     */
    static int run(
            String command,
            String argument,
            boolean json,
            boolean hex,
            Inputs inputs,
            Plugins plugins,
            String home,
            PrintStream out,
            PrintStream err)
            throws InterruptedException {
        var configuration =
                new Configuration(inputs.load(plugins.transports().keySet()).sources());
        var where = new ControlPath(configuration.topLevel().text(Keys.CONTROL_SOCKET, ""), home, inputs.environment());
        Optional<Path> file =
                inputs.isShipped() ? Optional.empty() : inputs.files().stream().findFirst();
        try {
            var client = ControlClient.find(where, file);
            return new WatchCommands(client, json, out, err, InstantSource.system()).run(command, argument, hex);
        } catch (NoAnswerException e) {
            err.println("socketforwarder: " + e.getMessage());
            return e.status() == Reloaded.UNUSABLE ? ExitCode.USAGE : ExitCode.FAILED;
        }
    }

    private int run(String command, String argument, boolean hex) throws NoAnswerException, InterruptedException {
        if (argument.isEmpty() && (command.equals(CliSpec.EXPLAIN) || command.equals(CliSpec.TAP))) {
            throw new UsageException(command + " needs the name of a group"
                    + (command.equals(CliSpec.EXPLAIN) ? ", or an address" : ""));
        }
        switch (command) {
            case CliSpec.STATUS -> show(ask("status", Map.of()), status -> StatusCommand.print(status, out, clock));
            case CliSpec.GROUPS ->
                show(ask("groups", Map.of()), groups -> MemberCommands.printGroups(groups.path("groups"), out));
            case CliSpec.MEMBERS -> show(members(argument), this::printMembers);
            case CliSpec.EXPLAIN -> show(ask("explain", Map.of("about", argument)), this::printLines);
            case CliSpec.RELOAD -> show(client.ask(new Request("POST", "reload", Map.of())), this::printLines);
            case CliSpec.CONFIG -> show(client.ask(new Request("POST", "changes", Map.of())), this::printChanges);
            case CliSpec.KICK -> kick(argument);
            case CliSpec.TAP -> tap(argument, hex);
            case CliSpec.TOP -> top();
            default -> throw new IllegalArgumentException(command);
        }
        return ExitCode.OK;
    }

    private JsonNode ask(String path, Map<String, String> parameters) throws NoAnswerException {
        return client.ask(new Request("GET", path, parameters));
    }

    /** {@return the members of a group, or all if its name is empty} */
    private JsonNode members(String group) throws NoAnswerException {
        var members = ask("members", group.isEmpty() ? Map.of() : Map.of("group", group));
        if (!group.isEmpty()
                && members.path("members").isEmpty()
                && members.path("elsewhere").isEmpty()) {
            throw new NoAnswerException("nobody is in a group " + Printable.quoted(group)
                    + "; \"socketforwarder groups\" lists the groups that have members");
        }
        return members;
    }

    private void printMembers(JsonNode members) {
        MemberCommands.print(members.path("members"), out, clock);
        MemberCommands.printElsewhere(members.path("elsewhere"), out);
    }

    private interface Printer {
        void print(JsonNode answer);
    }

    private void show(JsonNode answer, Printer printer) {
        if (json) {
            out.println(answer.toPrettyString());
        } else {
            printer.print(answer);
        }
    }

    private void printLines(JsonNode explanation) {
        explanation.path("lines").forEach(line -> out.println(Printable.line(line.asString())));
    }

    private void printChanges(JsonNode changes) {
        if (changes.path("lines").isEmpty()) {
            out.println("a reload would change nothing");
        }
        printLines(changes);
    }

    private void kick(String member) throws NoAnswerException {
        if (!member.matches("[0-9]{1,18}")) {
            throw new UsageException("kick needs the number of a member; \"socketforwarder members\" lists them");
        }
        client.ask(new Request("POST", "members/" + member + "/kick", Map.of()));
        out.println(json ? "{}" : "member " + member + " is closed");
    }

    /** Print messages until the observed process ends, or this command is interrupted. */
    private void tap(String group, boolean hex) throws NoAnswerException {
        if (ask("members", Map.of("group", group, "limit", "1")).path("members").isEmpty()) {
            err.println("socketforwarder: nobody is in a group " + Printable.quoted(group) + " yet");
        }
        client.stream(new Request("GET", "tap", Map.of("group", group, "format", hex ? "hex" : "text")), message -> {
            if (json) {
                out.println(message);
                return !out.checkError();
            }
            if (message.has("text")) {
                out.println(Printable.line(message.path("text").asString()));
            }
            long skipped = message.path("skipped").asLong(0);
            if (skipped > 0) {
                out.println("(" + Values.counted(skipped, "message") + " not shown)");
            }
            return !out.checkError();
        });
    }

    /** Refresh the screen until the observed process ends, or this process is interrupted. */
    private void top() throws NoAnswerException, InterruptedException {
        while (!out.checkError()) {
            var status = ask("status", Map.of());
            var groups = ask("groups", Map.of("sort", "rate", "limit", Integer.toString(MOST_ROWS)));
            if (json) {
                out.println(status);
            } else {
                out.print(CLEAR);
                StatusCommand.print(status, out, clock);
                out.println();
                MemberCommands.printGroups(groups.path("groups"), out);
                long more =
                        groups.path("total").asLong(0) - groups.path("groups").size();
                if (more > 0) {
                    out.println("and " + more + " more groups");
                }
            }
            Thread.sleep(REFRESH);
        }
    }
}
