package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.commands.PluginTemplate.Kind;
import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Origin;
import dev.socketforwarder.runtime.config.Setting;
import dev.socketforwarder.runtime.logging.Logging;
import dev.socketforwarder.runtime.plugins.PluginException;
import dev.socketforwarder.runtime.plugins.Plugins;
import dev.socketforwarder.runtime.process.ExitCode;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.server.ShippedFile;
import dev.socketforwarder.runtime.text.Printable;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Parses the command line, runs the command that it names, and reports its failure. */
public final class Cli {
    private static final Logger LOG = System.getLogger(Cli.class.getName());

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;
    private final Supplier<Plugins> plugins;
    private final String home;

    public Cli(Map<String, String> environment, PrintStream out, PrintStream err, Supplier<Plugins> plugins) {
        this(environment, "", out, err, plugins);
    }

    /** Make the command line of an image in the folder {@code home}; empty if the program does not run from an image. */
    public Cli(
            Map<String, String> environment, String home, PrintStream out, PrintStream err, Supplier<Plugins> plugins) {
        this.home = home;
        this.environment = Map.copyOf(environment);
        this.plugins = plugins;
        this.out = out;
        this.err = err;
    }

    /** {@return the exit code} */
    public int run(String... args) {
        return new CommandLine(CliSpec.root())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF))
                .setExecutionStrategy(this::execute)
                .setParameterExceptionHandler((e, _) -> usageError(e))
                .setExecutionExceptionHandler((e, _, _) -> failure(e))
                .execute(args);
    }

    private int execute(ParseResult parsed) {
        var help = CommandLine.executeHelpRequest(parsed);
        if (help != null) {
            return help;
        }
        var command = parsed.hasSubcommand() ? parsed.subcommand() : parsed;
        try {
            return execute(command.commandSpec(), parsed);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return ExitCode.FAILED;
        } catch (RuntimeException e) {
            return failure(e);
        }
    }

    private int execute(CommandSpec command, ParseResult parsed) throws InterruptedException {
        return switch (command.name()) {
            case CliSpec.CHECK ->
                CheckCommand.run(
                        inputs(parsed),
                        plugins.get(),
                        parsed.subcommand().hasMatchedOption(CliSpec.STRICT_OPTION),
                        out);
            case CliSpec.CONFIG ->
                parsed.subcommand().hasMatchedOption(CliSpec.DIFF_OPTION)
                        ? watch(command.name(), parsed)
                        : config(parsed);
            case CliSpec.HEALTH -> HealthCommand.run(inputs(parsed), plugins.get(), out);
            case CliSpec.PLUGINS -> plugins(parsed);
            case CliSpec.TOKEN ->
                TokenCommand.run(
                        inputs(parsed), plugins.get(), request(parsed.subcommand()), InstantSource.system(), out);
            case CliSpec.HELP -> help(parsed);
            case CliSpec.VERSION -> {
                parsed.commandSpec().commandLine().printVersionHelp(out);
                yield ExitCode.OK;
            }
            case CliSpec.DEMO -> DemoCommand.run(plugins.get(), out);
            case CliSpec.STATUS,
                    CliSpec.MEMBERS,
                    CliSpec.GROUPS,
                    CliSpec.TOP,
                    CliSpec.KICK,
                    CliSpec.EXPLAIN,
                    CliSpec.RELOAD,
                    CliSpec.TAP -> watch(command.name(), parsed);
            default -> RunCommand.run(inputs(parsed), plugins.get(), home, out);
        };
    }

    private int help(ParseResult parsed) {
        var root = parsed.commandSpec().commandLine();
        String name = parsed.subcommand().matchedPositionalValue(0, "");
        var command = name.isEmpty() ? root : root.getSubcommands().get(name);
        if (command == null) {
            throw new UsageException(Printable.quoted(name) + " is not a command"
                    + Suggestions.command(name, root.getSubcommands().keySet()) + "; " + Suggestions.LIST);
        }
        command.usage(out);
        return ExitCode.OK;
    }

    private int watch(String command, ParseResult parsed) throws InterruptedException {
        var asked = parsed.subcommand();
        return WatchCommands.run(
                command,
                asked.hasMatchedPositional(0) ? asked.matchedPositionalValue(0, "") : "",
                asked.hasMatchedOption(CliSpec.JSON_OPTION),
                command.equals(CliSpec.TAP) && asked.hasMatchedOption(CliSpec.HEX_OPTION),
                inputs(parsed, false),
                plugins.get(),
                home,
                out,
                err);
    }

    private int config(ParseResult parsed) {
        String key = parsed.subcommand().matchedOptionValue(CliSpec.EXPLAIN_OPTION, null);
        return key == null ? ConfigCommand.run(inputs(parsed), plugins.get(), out) : ConfigCommand.explain(key, out);
    }

    private int plugins(ParseResult parsed) {
        var asked = parsed.subcommand();
        boolean ofMember = asked.hasMatchedOption(CliSpec.MEMBER_OPTION);
        if (asked.hasMatchedOption(CliSpec.NEW_OPTION)) {
            if (asked.hasMatchedOption(CliSpec.VERIFY_OPTION)) {
                throw new UsageException("--new writes a plugin and --verify loads one; leave out one of the two");
            }
            String name = asked.matchedOptionValue(CliSpec.NEW_OPTION, "");
            return PluginTemplate.ofImage(ofMember ? Kind.MEMBER : Kind.STREAMS)
                    .write(name, Path.of(""), plugins.get(), out);
        }
        if (ofMember) {
            throw new UsageException("--member chooses the template of a new plugin; add --new NAME");
        }
        String path = asked.matchedOptionValue(CliSpec.VERIFY_OPTION, "");
        return path.isEmpty()
                ? PluginsCommand.run(inputs(parsed), plugins.get(), out)
                : PluginsCommand.verify(path, inputs(parsed), plugins.get(), out);
    }

    private Inputs inputs(ParseResult parsed) {
        return inputs(parsed, true);
    }

    /** Read the inputs of a command. {@code takesPorts} says whether the arguments of the command are ports. */
    private Inputs inputs(ParseResult parsed, boolean takesPorts) {
        var files = new ArrayList<Path>();
        var ports = new ArrayList<Setting>();
        var assignments = new ArrayList<Setting>();
        for (var level : parsed.asCommandLineList()) {
            var result = level.getParseResult();
            String file = result.matchedOptionValue(CliSpec.CONFIG_OPTION, "");
            if (!file.isEmpty()) {
                files.add(path(file));
            }
            List<String> set = result.matchedOptionValue(CliSpec.SET_OPTION, List.of());
            set.forEach(assignment -> assignments.add(Inputs.override(assignment)));
            for (int i = 0; takesPorts && i < Inputs.PORTS.size(); i++) {
                if (result.hasMatchedPositional(i)) {
                    ports.add(port(Inputs.PORTS.get(i), result.matchedPositionalValue(i, ""), result.commandSpec()));
                }
            }
        }
        if (files.size() > 1) {
            throw new UsageException("--config was given twice; leave out one of the two");
        }
        // A --set wins over a positional port, since it is more explicit.
        ports.addAll(assignments);
        var shipped = ShippedFile.find(home, !files.isEmpty() || !ports.isEmpty(), environment);
        shipped.ifPresent(files::add);
        return new Inputs(files, environment, ports, shipped.isPresent());
    }

    private static TokenCommand.Request request(ParseResult parsed) {
        return new TokenCommand.Request(
                parsed.matchedOptionValue(CliSpec.GROUP_OPTION, ""),
                parsed.matchedOptionValue(CliSpec.ENDPOINT_OPTION, ""),
                parsed.matchedOptionValue(CliSpec.TTL_OPTION, "1h"));
    }

    private static Path path(String file) {
        try {
            return Path.of(file);
        } catch (InvalidPathException _) {
            throw new UsageException("--config " + Printable.quoted(file) + " is not a path; give the path of a file");
        }
    }

    private static Setting port(Inputs.Port port, String value, CommandSpec command) {
        if (!value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Setting.text(port.key(), value, Origin.commandLine("argument " + port.label()));
        }
        if (command.subcommands().isEmpty()) {
            throw new UsageException(Printable.quoted(value) + " is not a port"
                    + Suggestions.command(value, List.of()) + "; \"" + command.qualifiedName()
                    + " --help\" shows what is allowed");
        }
        throw new UsageException(Printable.quoted(value) + " is neither a command nor a port"
                + Suggestions.command(value, command.subcommands().keySet()) + "; " + Suggestions.LIST);
    }

    private int usageError(ParameterException e) {
        var command = e.getCommandLine().getCommandSpec();
        var message = e instanceof UnmatchedArgumentException unmatched
                ? unmatched(unmatched.getUnmatched().getFirst(), e.getMessage(), command)
                : e.getMessage();
        tell(message + "; \"" + command.qualifiedName() + " --help\" shows what is allowed");
        return ExitCode.USAGE;
    }

    private static String unmatched(String argument, String message, CommandSpec command) {
        return argument.startsWith("-")
                ? message + Suggestions.option(argument, command)
                : Printable.quoted(argument) + " is one argument too many";
    }

    private int failure(Exception e) {
        return switch (e) {
            case SettingException _, UsageException _, PluginException _ -> {
                tell(e.getMessage());
                LOG.log(Level.DEBUG, "the origin of this failure", e);
                yield e instanceof PluginException && e.getCause() != null ? ExitCode.FAILED : ExitCode.USAGE;
            }
            default -> {
                LOG.log(Level.ERROR, "The program failed by a bug of its own", e);
                yield ExitCode.FAILED;
            }
        };
    }

    private void tell(String message) {
        Logging.drain(); // so that earlier log lines appear before the message
        err.println("socketforwarder: " + Printable.line(message));
    }
}
