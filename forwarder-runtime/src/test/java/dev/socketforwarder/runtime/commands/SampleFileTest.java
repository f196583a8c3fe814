package dev.socketforwarder.runtime.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.socketforwarder.runtime.config.YamlFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Compares the image's configuration file with what docs/SETTINGS.md makes of it; with {@code -Dsettings.write=true} this test
 * writes the file.
 */
class SampleFileTest {
    private static final Path FILE = Path.of("../distribution/src/image/conf/socketforwarder.yaml");

    private final SampleFile sample = new SampleFile();

    @Test
    void theFileIsWhatThePageMakesOfIt() throws IOException {
        if (Boolean.getBoolean("settings.write")) {
            Files.writeString(FILE, sample.text());
        }

        assertThat(FILE).hasContent(sample.text());
    }

    @Test
    void everySettingStandsInTheFileWhereItMayStand() {
        var keys = YamlFile.parse("sample", sample.uncommented().getBytes(StandardCharsets.UTF_8))
                .keySet();

        for (var item : new SettingsGuide().items()) {
            assertThat(keys).as(item.key()).anyMatch(key -> key.equals(item.key()) || key.endsWith("." + item.key()));
        }
        assertThat(keys)
                .contains(
                        "high-water",
                        "groups.sensors.match",
                        "plugins.on-error",
                        "admin.tls.key",
                        "transports.telemetry.type",
                        "transports.tcp.connect.1.tls.ca",
                        "transports.tcp.tls.client-auth",
                        "transports.udp.lease",
                        "transports.nats.tls.ca");
    }
}
