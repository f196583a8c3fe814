package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Starts the forwarder with the configurations of earlier versions; see docs/COMPATIBILITY.md. */
class CompatibilityTest {
    private static final Path VERSIONS = Path.of("src/test/versions");

    @TempDir
    private Path folder;

    static List<Path> versions() throws IOException {
        try (var files = Files.list(VERSIONS)) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("versions")
    void everySettingOfAnEarlierVersionStillWorks(Path version) {
        var check = Launch.with("check", "--config", version.toString()).run();
        assertThat(check.exitCode()).as(check.errText()).isZero();

        var free = List.of(
                "transports.tcp.port=0",
                "transports.udp.port=0",
                "transports.telemetry.port=0",
                "admin.port=0",
                "control-socket=" + folder.resolve("s"),
                "state-directory=" + folder);
        var launch = Launch.with("--config", version.toString());
        free.forEach(setting -> launch.arg("--set").arg(setting));
        try (var forwarder = launch.start();
                var one = TcpClient.connect(forwarder.tcp()).join("chat-1");
                var other = TcpClient.connect(forwarder.tcp()).join("chat-1")) {
            forwarder.awaitLine("ready");
            other.send("hello\n");
            one.expect("hello\n");
            assertThat(forwarder.err().matching(line -> line.contains(" ERROR ")))
                    .isEmpty();
        }
    }
}
