package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Inputs;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** Defines the commands and their options. In code, since the annotations of picocli would need the module to be open. */
final class CliSpec {
    static final String CHECK = "check";
    static final String CONFIG = "config";
    static final String PLUGINS = "plugins";
    static final String HEALTH = "health";
    static final String DEMO = "demo";
    static final String TOKEN = "token";
    static final String STATUS = "status";
    static final String MEMBERS = "members";
    static final String GROUPS = "groups";
    static final String TOP = "top";
    static final String KICK = "kick";
    static final String TAP = "tap";
    static final String EXPLAIN = "explain";
    static final String RELOAD = "reload";
    static final String HELP = "help";
    static final String VERSION = "version";

    static final String JSON_OPTION = "--json";
    static final String HEX_OPTION = "--hex";
    static final String DIFF_OPTION = "--diff";
    static final String EXPLAIN_OPTION = "--explain";
    static final String NEW_OPTION = "--new";
    static final String MEMBER_OPTION = "--member";
    static final String CONFIG_OPTION = "--config";
    static final String SET_OPTION = "--set";
    static final String GROUP_OPTION = "--group";
    static final String ENDPOINT_OPTION = "--endpoint";
    static final String TTL_OPTION = "--ttl";
    static final String VERIFY_OPTION = "--verify";
    static final String STRICT_OPTION = "--strict";

    private static final String NAME = "socketforwarder";

    private CliSpec() {}

    static CommandSpec root() {
        var root = command(NAME, "Forwards what one member of a group sends to all other members, over TCP and UDP.");
        root.usageMessage()
                .synopsisSubcommandLabel("[COMMAND]")
                .footer(
                        "",
                        "Without a command it forwards until SIGTERM or SIGINT. At SIGHUP",
                        "it reads its configuration again.",
                        "If neither the command line nor the environment sets anything,",
                        "it reads the file conf/socketforwarder.yaml of the image.",
                        "Exit codes: 0 stopped, 1 failed to bind or while running,",
                        "2 wrong usage or configuration, 3 out of memory.",
                        "",
                        "Examples:",
                        "  " + NAME + " 6753 6753",
                        "  " + NAME + " --config forwarder.yaml --set debug=true",
                        "  " + NAME + " demo",
                        "  " + NAME + " help check");
        addInputs(root);
        addLooking(root);
        addWatching(root);
        return root.addSubcommand(HELP, help()).addSubcommand(VERSION, command(VERSION, "Print the version.", VERSION));
    }

    /** Add the commands that need no running forwarder. */
    private static void addLooking(CommandSpec root) {
        root.addSubcommand(CHECK, check())
                .addSubcommand(CONFIG, config())
                .addSubcommand(PLUGINS, plugins())
                .addSubcommand(
                        HEALTH,
                        addInputs(command(
                                HEALTH,
                                "Ask the kernel whether this program listens on the configured ports; send nothing.",
                                HEALTH + " --config forwarder.yaml")))
                .addSubcommand(TOKEN, token())
                .addSubcommand(
                        DEMO,
                        command(DEMO, "Show how members talk, on free ports of this machine; takes seconds.", DEMO));
    }

    /** Add the commands that talk to the running forwarder. */
    private static void addWatching(CommandSpec root) {
        root.addSubcommand(STATUS, watching(STATUS, "Show what the running forwarder does, on one screen.", STATUS))
                .addSubcommand(
                        MEMBERS,
                        withArgument(
                                watching(
                                        MEMBERS,
                                        "List the members of the running forwarder, or of one group.",
                                        MEMBERS + " telemetry"),
                                "GROUP",
                                false,
                                "Only the members of this group."))
                .addSubcommand(
                        GROUPS, watching(GROUPS, "List the groups of the running forwarder.", GROUPS + " --json"))
                .addSubcommand(TOP, watching(TOP, "Show the same as status and groups, again every second.", TOP))
                .addSubcommand(
                        EXPLAIN,
                        withArgument(
                                watching(
                                        EXPLAIN,
                                        "Tell what happened lately to a peer or in a group.",
                                        EXPLAIN + " 192.0.2.17",
                                        EXPLAIN + " telemetry"),
                                "ADDRESS|GROUP",
                                true,
                                "An IP address, with or without a port, or the name of a group."))
                .addSubcommand(TAP, tap())
                .addSubcommand(
                        KICK,
                        withArgument(
                                watching(KICK, "Close one member of the running forwarder.", KICK + " 17"),
                                "MEMBER",
                                true,
                                "The number of the member, which members prints."))
                .addSubcommand(
                        RELOAD,
                        watching(
                                RELOAD,
                                "Have the running forwarder read its configuration again, and apply it.",
                                RELOAD));
    }

    /** {@return the version of the program; empty if it was not built as a module} */
    static String version() {
        return CliSpec.class.getModule().isNamed()
                ? CliSpec.class.getModule().getDescriptor().rawVersion().orElse("")
                : "";
    }

    private static CommandSpec command(String name, String description, String... examples) {
        var spec = CommandSpec.create().name(name).version((NAME + " " + version()).strip());
        spec.usageMessage().description(description).sortOptions(false).footer(footer(examples));
        // Not picocli's standard mix-in, which needs reflection at each start.
        return spec.addOption(OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help.")
                        .build())
                .addOption(OptionSpec.builder("-V", "-v", "--version")
                        .versionHelp(true)
                        .description("Print the version.")
                        .build());
    }

    private static String[] footer(String... examples) {
        var lines = new ArrayList<>(List.of("", examples.length == 1 ? "Example:" : "Examples:"));
        for (var example : examples) {
            lines.add("  " + NAME + " " + example);
        }
        return lines.toArray(String[]::new);
    }

    private static CommandSpec help() {
        return withArgument(
                command(HELP, "Show how to use a command.", HELP + " check"), "COMMAND", false, "One of the commands.");
    }

    private static CommandSpec check() {
        return addInputs(command(
                        CHECK,
                        "Check the configuration, and tell what it would run; bind nothing.",
                        CHECK + " --strict --config forwarder.yaml",
                        CHECK + " 6753 6753"))
                .addOption(OptionSpec.builder(STRICT_OPTION)
                        .description("Fail on warnings too.")
                        .build());
    }

    private static CommandSpec config() {
        return addInputs(command(
                        CONFIG,
                        "Print the settings in force, and where each value came from.",
                        CONFIG + " --config forwarder.yaml",
                        CONFIG + " --diff",
                        CONFIG + " --explain slow-member"))
                .addOption(option(EXPLAIN_OPTION, "KEY", "Explain one setting, in the words of docs/SETTINGS.md."))
                .addOption(OptionSpec.builder(DIFF_OPTION)
                        .description("Print what a reload of the running forwarder would change.")
                        .build());
    }

    private static CommandSpec plugins() {
        return addConfiguration(command(
                        PLUGINS,
                        "List the installed transports and handshake policies.",
                        PLUGINS,
                        PLUGINS + " --verify my-plugin.jar",
                        PLUGINS + " --new my-plugin",
                        PLUGINS + " --new my-plugin --member"))
                .addOption(option(NEW_OPTION, "NAME", "Write the template of a plugin into a new folder of this name."))
                .addOption(OptionSpec.builder(MEMBER_OPTION)
                        .description("With --new: write the template whose members have channels of their own, such as"
                                + " datagrams.")
                        .build())
                .addOption(option(
                        VERIFY_OPTION,
                        "PATH",
                        "Load one plugin, a JAR or a folder, as the server would, and report any error."));
    }

    private static CommandSpec token() {
        return addInputs(command(
                        TOKEN,
                        "Print a token that lets its bearer join a group until the token expires.",
                        TOKEN + " --group telemetry --ttl 12h --config forwarder.yaml"))
                .addOption(option(GROUP_OPTION, "NAME", "The group that the token is for."))
                .addOption(option(
                        ENDPOINT_OPTION,
                        "NAME",
                        "The endpoint whose secret signs the token; without --group, the UDP endpoint it is for."))
                .addOption(option(
                        TTL_OPTION, "TIME", "How long the token is valid, as in 90s, 30m or 12h; 1h by default."));
    }

    private static CommandSpec tap() {
        var what = "Print messages of a group as they come, at most 100 a second; the group must match admin.tap.";
        return withArgument(watching(TAP, what, TAP + " telemetry --hex"), "GROUP", true, "The name of the group.")
                .addOption(OptionSpec.builder(HEX_OPTION)
                        .description("Print bytes as hexadecimal digits.")
                        .build());
    }

    /** {@return a command that talks to the running process} */
    private static CommandSpec watching(String name, String description, String... examples) {
        return addConfiguration(command(name, description, examples))
                .addOption(OptionSpec.builder(JSON_OPTION)
                        .description("Print JSON.")
                        .build());
    }

    private static CommandSpec withArgument(CommandSpec spec, String label, boolean isRequired, String description) {
        return spec.addPositional(PositionalParamSpec.builder()
                .index("0")
                .arity(isRequired ? "1" : "0..1")
                .required(isRequired)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build());
    }

    private static OptionSpec option(String name, String label, String description) {
        return OptionSpec.builder(name)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    private static CommandSpec addInputs(CommandSpec spec) {
        for (int i = 0; i < Inputs.PORTS.size(); i++) {
            var port = Inputs.PORTS.get(i);
            spec.addPositional(PositionalParamSpec.builder()
                    .index(Integer.toString(i))
                    .arity("0..1")
                    .paramLabel(port.label())
                    .type(String.class)
                    .description("Sets " + port.key() + ".")
                    .build());
        }
        return addConfiguration(spec);
    }

    private static CommandSpec addConfiguration(CommandSpec spec) {
        return spec.addOption(OptionSpec.builder(CONFIG_OPTION)
                        .paramLabel("FILE")
                        .type(String.class)
                        .description("The configuration, in YAML; the environment overrides it.")
                        .build())
                .addOption(OptionSpec.builder(SET_OPTION)
                        .paramLabel("KEY=VALUE")
                        .type(List.class)
                        .auxiliaryTypes(String.class)
                        .arity("1")
                        .description("Override one setting; for example transports.tcp.port=6753. May be repeated.")
                        .build());
    }
}
