package dev.socketforwarder.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests that a plugin built against the first API of this major version runs unchanged in today's image.
 * src/test/veteran holds its JAR, which {@code script/release-api} made, and its source.
 */
@Timeout(120)
class VeteranTest {
    @TempDir
    private Path plugins;

    @BeforeEach
    void install() throws IOException {
        try (var jars = Files.newDirectoryStream(Path.of("src/test/veteran"), "*.jar")) {
            for (var jar : jars) {
                Files.copy(jar, plugins.resolve("veteran.jar"));
            }
        }
    }

    @Test
    void itIsListedWithTheApiThatItWasBuiltAgainst() {
        var result = Launch.with("plugins")
                .env("SOCKETFORWARDER_PLUGINS_PATH", plugins.toString())
                .run();

        assertThat(result.exitCode()).as(result.errText()).isZero();
        assertThat(result.out())
                .filteredOn(line -> line.contains("dev.socketforwarder.veteran"))
                .hasSize(2);
    }

    @Test
    void itsTransportAndItsPolicyServe() {
        var launch = Launch.onFreePorts()
                .env("SOCKETFORWARDER_PLUGINS_PATH", plugins.toString())
                .yaml("""
                        transports:
                          tcp:
                            handshake: [veteran, prefix]
                          veteran:
                            port: 0
                            group: veterans
                        """);
        try (var forwarder = launch.start();
                var datagrams = UdpClient.to(forwarder.address("veteran"));
                var stream = TcpClient.connect(forwarder.tcp())) {
            stream.send("VETERAN:veterans\n");
            forwarder.awaitJoined(stream, "veterans");

            datagrams.send("first");
            stream.expect("first");
            stream.send("second");
            datagrams.expect("second");
            forwarder.stop();
        }
    }
}
