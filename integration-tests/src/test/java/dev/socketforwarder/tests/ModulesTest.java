package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Tests the modules of the image: what each exports, requires and provides. */
class ModulesTest {
    private static final String API = "dev.socketforwarder.api";
    private static final String RUNTIME = "dev.socketforwarder.runtime";
    private static final String TCP = "dev.socketforwarder.transport.tcp";
    private static final String UDP = "dev.socketforwarder.transport.udp";

    private static List<String> java(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<String>();
        command.add(Launch.HOME.resolve("lib/runtime/bin/java").toString());
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (var out = process.inputReader()) {
            var lines = out.lines().toList();
            assertThat(process.waitFor()).as(String.join("\n", lines)).isZero();
            return lines;
        }
    }

    /** {@return the module's version; the API has one of its own} */
    private static String version(String module) {
        return System.getProperty(module.equals(API) ? "socketforwarder.api.version" : "socketforwarder.version");
    }

    /**
     * {@return the descriptor without its first line, which has name and place, and without what every module requires}
     */
    private static List<String> described(String module) throws IOException, InterruptedException {
        var lines = java("--describe-module", module);
        assertThat(lines.getFirst()).startsWith(module + "@" + version(module)).doesNotContain("open", "automatic");
        return lines.stream()
                .skip(1)
                .filter(line -> !line.startsWith("requires java.base"))
                .toList();
    }

    private static List<String> of(List<String> lines, String... kinds) {
        return lines.stream()
                .filter(line -> List.of(kinds).contains(line.split(" ")[0]))
                .sorted()
                .toList();
    }

    @Test
    void apiExportsAllItsPackagesAndRequiresNothing() throws Exception {
        assertThat(described(API))
                .containsExactlyInAnyOrder(
                        "exports " + API,
                        "exports " + API + ".annotation",
                        "exports " + API + ".buffer",
                        "exports " + API + ".kit");
    }

    @Test
    void tcpProvidesATransportAndAPolicyAndShowsNothing() throws Exception {
        var lines = described(TCP);
        assertThat(of(lines, "exports", "qualified", "opens", "uses")).isEmpty();
        assertThat(of(lines, "requires")).containsExactly("requires " + API);
        assertThat(of(lines, "provides"))
                .hasSize(2)
                .anyMatch(line -> line.startsWith("provides " + API + ".HandshakePolicy with " + TCP + "."))
                .anyMatch(line -> line.startsWith("provides " + API + ".Transport with " + TCP + "."));
        assertThat(of(lines, "contains")).containsExactly("contains " + TCP);
    }

    @Test
    void udpProvidesATransportAndShowsNothing() throws Exception {
        var lines = described(UDP);
        assertThat(of(lines, "exports", "qualified", "opens", "uses")).isEmpty();
        assertThat(of(lines, "requires")).containsExactly("requires " + API);
        assertThat(of(lines, "provides"))
                .singleElement()
                .asString()
                .startsWith("provides " + API + ".Transport with " + UDP + ".");
        assertThat(of(lines, "contains")).allMatch(line -> line.startsWith("contains " + UDP));
    }

    @Test
    void runtimeUsesTheServicesAndShowsNothing() throws Exception {
        var lines = described(RUNTIME);
        assertThat(of(lines, "exports", "qualified", "opens")).isEmpty();
        assertThat(of(lines, "uses")).containsExactly("uses " + API + ".HandshakePolicy", "uses " + API + ".Transport");
        assertThat(of(lines, "provides"))
                .singleElement()
                .asString()
                .startsWith("provides " + API + ".HandshakePolicy with " + RUNTIME + ".");
        assertThat(of(lines, "requires"))
                .contains("requires " + API)
                .noneMatch(line -> line.contains("dev.socketforwarder.transport"));
        assertThat(of(lines, "contains")).allMatch(line -> line.startsWith("contains " + RUNTIME));
    }

    @Test
    void librariesAreForTheRuntimeAlone() throws Exception {
        for (var module : List.of(API, TCP, UDP)) {
            assertThat(described(module))
                    .noneMatch(line -> line.contains("jackson") || line.contains("log4j") || line.contains("picocli"));
        }
    }

    @Test
    void imageHoldsNoModuleThatIsNotNeeded() throws Exception {
        var modules = java("--list-modules").stream()
                .map(line -> line.replaceFirst("@.*", ""))
                .toList();
        assertThat(modules).contains(API, RUNTIME, TCP, UDP, "java.base");
        assertThat(modules)
                .as("what plugins commonly require")
                .contains(
                        "java.management",
                        "java.naming",
                        "java.net.http",
                        "java.sql",
                        "jdk.httpserver",
                        "jdk.unsupported");
        assertThat(modules.stream().filter(module -> module.startsWith("dev.socketforwarder")))
                .containsExactlyInAnyOrder(API, RUNTIME, TCP, UDP);
        assertThat(modules).doesNotContain("jdk.compiler", "jdk.jshell", "jdk.jlink");
    }
}
