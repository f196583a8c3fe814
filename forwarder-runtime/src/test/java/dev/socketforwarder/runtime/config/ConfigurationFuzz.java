package dev.socketforwarder.runtime.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.kit.AddressFilter;
import dev.socketforwarder.api.kit.ListeningHosts;
import dev.socketforwarder.runtime.process.UsageException;
import dev.socketforwarder.runtime.rules.GroupTable;
import dev.socketforwarder.runtime.text.Printable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A target of the fuzzer: a configuration file, and variables of the environment behind it, each after a zero byte. Either they
 * are a configuration or one printable line says what is wrong and where, and no line tells a secret.
 */
public final class ConfigurationFuzz {
    /** Stands in secrets: where it stands in nothing else, no line has it. */
    static final String SECRET = "hunter2";

    private static final int LONGEST_LINE = 16 * 1024;
    private static final Pattern SECRET_KEY =
            Pattern.compile("(?:.*[.-])?(?:password|passphrase|secret|token|credentials)");
    private static final Pattern SECRET_VARIABLE =
            Pattern.compile("SOCKETFORWARDER_(?:.*_)?(?:PASSWORD|PASSPHRASE|SECRET|TOKEN|CREDENTIALS)"
                    + "|socketforwarder\\.(?:.*[._-])?(?:password|passphrase|secret|token|credentials)");
    private static final Pattern PLACE =
            Pattern.compile("(?s)conf\\.yaml(?::[1-9][0-9]*: .*| is not UTF-8.*)|.*environment variable .*");

    private ConfigurationFuzz() {}

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(byte[] input) {
        int end = 0;
        while (end < input.length && input[end] != 0) {
            end++;
        }
        var variables = new TreeMap<String, String>();
        for (var each : new String(input, end, input.length - end, UTF_8).split("\0")) {
            int equals = each.indexOf('=');
            if (equals > 0) {
                variables.put(each.substring(0, equals), each.substring(equals + 1));
            }
        }
        check(Arrays.copyOf(input, end), variables);
    }

    private static void check(byte[] yaml, Map<String, String> variables) {
        List<Setting> fromFile;
        try {
            fromFile = List.copyOf(YamlFile.parse("conf.yaml", yaml).values());
        } catch (SettingException e) {
            checkMessage(e.getMessage());
            if (e.getMessage().contains("is not YAML")) {
                assertThat(e.getMessage()).doesNotContain(SECRET);
            }
            return;
        }
        boolean isHidden = isHidden(fromFile, variables);
        for (var line : read(fromFile, variables)) {
            checkLine(line);
            if (isHidden) {
                assertThat(line).doesNotContain(SECRET);
            }
        }
    }

    /** {@return whether the secret stands nowhere but in the values of secrets} */
    private static boolean isHidden(List<Setting> fromFile, Map<String, String> variables) {
        boolean ofFile = fromFile.stream()
                .allMatch(setting -> !setting.key().contains(SECRET)
                        && (SECRET_KEY.matcher(setting.key()).matches()
                                || setting.items().stream()
                                        .noneMatch(item -> item.text().contains(SECRET))));
        return ofFile
                && variables.entrySet().stream()
                        .allMatch(each -> !each.getKey()
                                        .toLowerCase(Locale.ROOT)
                                        .contains(SECRET)
                                && (SECRET_VARIABLE.matcher(each.getKey()).matches()
                                        || !each.getValue().contains(SECRET)));
    }

    /** {@return all lines that a user would see} */
    private static List<String> read(List<Setting> fromFile, Map<String, String> variables) {
        var lines = new ArrayList<String>();
        try {
            var loaded = Inputs.merge(fromFile, variables, List.of(), Set.of("tcp", "udp"));
            lines.addAll(loaded.warnings());
            var configuration = new Configuration(loaded.sources());
            var top = configuration.topLevel();
            top.flag("debug", false);
            top.duration("grace-period", Duration.ofSeconds(5), Duration.ZERO, Duration.ofHours(1));
            top.number("event-loops", 1, 1, 64);
            top.size("max-queued", 1 << 20, 1, 1L << 40);
            for (var name : configuration.endpointNames()) {
                readEndpoint(configuration, configuration.endpoint(name));
            }
            lines.addAll(configuration.unread());
            lines.addAll(configuration.warnings());
            configuration.inForce().forEach(each -> lines.add(Printable.line(each.toString())));
        } catch (SettingException | UsageException e) {
            checkMessage(e.getMessage());
            lines.add(e.getMessage());
        }
        return lines;
    }

    private static void readEndpoint(Configuration configuration, SettingsView endpoint) {
        endpoint.text(Keys.TYPE, "tcp");
        endpoint.number("port", 0, 0, 65_535);
        endpoint.choice("registration", Setting.Shape.TEXT);
        endpoint.list(Keys.HANDSHAKE, List.of("prefix"));
        endpoint.text("admin-token", "");
        endpoint.section(Keys.TLS).text("client-auth", "");
        endpoint.sections("targets").forEach(target -> target.text("address", ""));
        AddressFilter.read(endpoint);
        ListeningHosts.read(endpoint);
        GroupTable.read(configuration, endpoint);
    }

    private static void checkMessage(String message) {
        checkLine(message);
        assertThat(message).matches(PLACE);
    }

    private static void checkLine(String line) {
        assertThat(line).isNotBlank();
        assertThat(line.length()).isLessThanOrEqualTo(LONGEST_LINE);
        assertThat(line.codePoints().filter(c -> !isPrintable(c)).boxed())
                .as("unprintable in %s", line)
                .isEmpty();
    }

    private static boolean isPrintable(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE -> false;
            default -> true;
        };
    }
}
