package dev.socketforwarder.runtime.commands;

import dev.socketforwarder.runtime.config.Inputs;
import dev.socketforwarder.runtime.config.Keys;
import dev.socketforwarder.runtime.text.Printable;
import dev.socketforwarder.runtime.text.Spelling;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** Guesses which command or option a user meant. */
final class Suggestions {
    /** Where the commands are listed. */
    static final String LIST = "\"socketforwarder --help\" lists the commands";

    /** What other programs call the commands. */
    private static final Map<String, String> SYNONYMS = Map.ofEntries(
            Map.entry("validate", CliSpec.CHECK),
            Map.entry("test", CliSpec.CHECK),
            Map.entry("verify", CliSpec.CHECK),
            Map.entry("settings", CliSpec.CONFIG),
            Map.entry("clients", CliSpec.MEMBERS),
            Map.entry("peers", CliSpec.MEMBERS),
            Map.entry("stats", CliSpec.STATUS),
            Map.entry("info", CliSpec.STATUS),
            Map.entry("restart", CliSpec.RELOAD),
            Map.entry("healthcheck", CliSpec.HEALTH));

    private static final Pattern FILE =
            Pattern.compile(".*(/.*|\\.(ya?ml|json|conf|cfg|toml|ini|properties))", Pattern.DOTALL);
    private static final Pattern ADDRESS = Pattern.compile("(.*?):([0-9]{1,5})", Pattern.DOTALL);
    private static final List<String> RUN = List.of("run", "start", "serve", "server", "tcp", "udp");
    private static final List<String> END = List.of("stop", "shutdown", "quit", "exit");

    private Suggestions() {}

    /** {@return what to append to the complaint about a word that is no command; empty if there is no guess} */
    static String command(String word, Collection<String> commands) {
        var wrong = word.toLowerCase(Locale.ROOT);
        if (RUN.contains(wrong)) {
            return "; without a command it runs, as in \"socketforwarder 6753 6753\"";
        }
        if (END.contains(wrong)) {
            return "; a forwarder stops by Ctrl-C, kill or systemctl stop";
        }
        if (FILE.matcher(wrong).matches()) {
            return "; did you mean --config " + Printable.line(word) + "?";
        }
        var address = ADDRESS.matcher(word);
        if (address.matches()) {
            var host = address.group(1);
            return "; did you mean " + (host.isEmpty() ? "" : "--set host-address=" + Printable.line(host) + " ")
                    + address.group(2) + "?";
        }
        return Optional.ofNullable(SYNONYMS.get(wrong))
                .or(() -> nearest(wrong, commands))
                .map(command -> "; did you mean \"socketforwarder " + command + "\"?")
                .orElse("");
    }

    /** {@return what to append to the complaint about an argument that a command does not have; empty if there is no guess} */
    static String option(String argument, CommandSpec command) {
        if (!argument.startsWith("-")) {
            return "";
        }
        int equals = argument.indexOf('=');
        var option = equals < 0 ? argument : argument.substring(0, equals);
        return nearest(option.toLowerCase(Locale.ROOT), command.optionsMap().keySet())
                .map(near -> "; did you mean " + near + "?")
                .or(() -> ofOtherCommands(option, command.root()))
                .or(() -> setting(option.replaceFirst("^-+(Dsocketforwarder\\.)?", "")))
                .orElse("");
    }

    /** {@return a word that begins with the wrong one, or the one that is spelled most like it} */
    private static Optional<String> nearest(String wrong, Collection<String> words) {
        int letters = wrong.replaceFirst("^-+", "").length();
        int most = letters < 2 ? 0 : letters < 4 ? 1 : Math.max(2, letters / 3); // short words resemble every other
        var longForm = wrong.startsWith("-") && !wrong.startsWith("--") ? "-" + wrong : wrong;
        return words.stream()
                .filter(word -> word.length() > 2)
                .filter(word -> word.startsWith(longForm) || Spelling.distance(longForm, word) <= most)
                .min(Comparator.comparingInt((String word) -> Spelling.distance(longForm, word))
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static Optional<String> ofOtherCommands(String option, CommandSpec root) {
        var owners = root.subcommands().entrySet().stream()
                .filter(entry -> entry.getValue().getCommandSpec().optionsMap().containsKey(option))
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
        return owners.isEmpty()
                ? Optional.empty()
                : Optional.of("; it is an option of " + owners + ", and comes after the command");
    }

    /** {@return how to set the setting that has this name} */
    private static Optional<String> setting(String name) {
        var words = "." + (name.equals("p") ? "port" : name.replace('-', '.'));
        var key = Keys.isTopLevel(name)
                ? Optional.of(name)
                : Inputs.PORTS.stream()
                        .map(Inputs.Port::key)
                        .filter(port -> port.endsWith(words) || port.endsWith(words + ".port"))
                        .findFirst();
        return key.map(found -> "; did you mean --set " + found + "=VALUE?");
    }
}
