package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The documented settings are those that the program and its transports know. */
class KnownKeysTest {
    private static final Pattern ITEM = Pattern.compile("(?m)^- `([a-z0-9.-]+)` \\(([^;)]*)");
    private static final Pattern PLACE = Pattern.compile("^(transports|groups)\\.[a-z]+(\\.|$)");

    /** Has each section that a configuration can have, since only then the keys in the section are known. */
    private static final String EVERYTHING = """
            first-message: line
            admin: { port: 0 }
            groups: { g: { framing: line } }
            transports:
              tcp: { port: 0, connect: [{ group: g, to: "127.0.0.1:1", tls: {} }] }
              udp: { port: 0 }
              nats: { servers: ["nats://127.0.0.1:1"], tls: {} }
            """;

    /** Prints all keys that are known after a configuration was read. The image's own Java runs this beside the image's modules. */
    static final class Printer {
        private static final String MODULE = "dev.socketforwarder.runtime";

        public static void main(String[] arguments) throws ReflectiveOperationException {
            var plugins = type("plugins.Plugins");
            var inputs = type("config.Inputs");
            var read = inputs.getConstructor(List.class, Map.class, List.class)
                    .newInstance(List.of(Path.of(arguments[0])), Map.of(), List.of());
            var setup = type("server.Setup")
                    .getMethod("of", inputs, plugins)
                    .invoke(null, read, plugins.getMethod("discover").invoke(null));
            var configuration = type("server.Setup").getMethod("configuration").invoke(setup);
            var known = type("config.Configuration").getDeclaredField("known");
            known.setAccessible(true);
            ((Set<?>) known.get(configuration)).forEach(System.out::println);
        }

        private static Class<?> type(String name) throws ClassNotFoundException {
            return Class.forName(MODULE + "." + name);
        }
    }

    @TempDir
    private Path folder;

    @Test
    void thePageHasEachKeyThatTheProgramKnowsAndNoOther() throws IOException, InterruptedException {
        var documented = new TreeSet<String>();
        var inFull = new TreeSet<String>();
        for (var item : ITEM.matcher(Files.readString(Path.of("../docs/SETTINGS.md")))
                .results()
                .toList()) {
            documented.add(item.group(1));
            inFull.add(place(item.group(2)) + item.group(1));
        }

        var known = known();
        assertThat(known).containsAll(inFull);
        var withoutPlaces = known.stream()
                .map(key -> PLACE.matcher(key).replaceFirst("").replaceFirst("^admin\\.tls\\..*", ""))
                .filter(key -> !key.isEmpty() && !isContainer(key))
                .filter(key -> !documented.contains(key + "-file")) // a secret that the environment may hold
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(withoutPlaces).hasSizeGreaterThan(100).isEqualTo(documented);
    }

    /** {@return what stands before a key, for the words of the page on where the key may stand} */
    private static String place(String where) {
        return switch (where) {
            case "process", "top or endpoint", "group", "group, connections only" -> "";
            case "entry of groups" -> "groups.g.";
            case "endpoint", "tcp", "connections" -> "transports.tcp.";
            case "udp", "nats" -> "transports." + where + ".";
            default -> throw new AssertionError(where);
        };
    }

    /** {@return whether this is no setting, but a section at the top level or an element of a list} */
    private static boolean isContainer(String key) {
        return Set.of("admin", "plugins").contains(key) || key.endsWith(".1");
    }

    private Set<String> known() throws IOException, InterruptedException {
        var file = Files.writeString(folder.resolve("forwarder.yaml"), EVERYTHING);
        var command = new ArrayList<String>();
        command.add(Launch.HOME.resolve("lib/runtime/bin/java").toString());
        command.add("-Dsocketforwarder.home=" + Launch.HOME);
        command.addAll(List.of("--add-modules", Printer.MODULE, "-cp", "target/test-classes"));
        for (var name : List.of("config", "plugins", "server")) {
            command.addAll(List.of("--add-opens", Printer.MODULE + "/" + Printer.MODULE + "." + name + "=ALL-UNNAMED"));
        }
        command.addAll(List.of(Printer.class.getName(), file.toString()));
        var printed = folder.resolve("known");
        var process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(printed)).isZero();
        return Files.readAllLines(printed).stream()
                .filter(line -> line.matches("[a-z0-9.-]+"))
                .collect(Collectors.toSet());
    }
}
