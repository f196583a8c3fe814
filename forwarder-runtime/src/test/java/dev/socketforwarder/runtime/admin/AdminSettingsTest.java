package dev.socketforwarder.runtime.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.runtime.testing.Fakes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminSettingsTest {
    @TempDir
    private Path folder;

    private static Optional<AdminSettings> read(String yaml) {
        return AdminSettings.read(Fakes.yaml(yaml).topLevel().section("admin"));
    }

    @Test
    void withoutAPortThereIsNone() {
        assertThat(read("")).isEmpty();
        assertThat(read("admin: {host: 127.0.0.1}")).isEmpty();
    }

    @Test
    void itListensOnTheLoopbackUnlessConfigured() {
        var settings = read("admin: {port: 8080}").orElseThrow();

        assertThat(settings.address().getAddress().isLoopbackAddress()).isTrue();
        assertThat(settings.address().getPort()).isEqualTo(8_080);
        assertThat(settings.token()).isEmpty();
    }

    @Test
    void anotherAddressNeedsAToken() throws Exception {
        assertThatThrownBy(() -> read("admin: {port: 8080, host: 0.0.0.0}"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("conf.yaml:1: admin.host is \"0.0.0.0\"")
                .hasMessageContaining("admin.token-file");
        var token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");

        var settings = read("admin: {port: 8080, host: 0.0.0.0, token-file: '" + token + "'}")
                .orElseThrow();

        assertThat(settings.token()).contains("0123456789abcdef");
    }

    @Test
    void aShortTokenIsRefusedAndNotShown() throws Exception {
        var token = Files.writeString(folder.resolve("token"), "hunter2");

        assertThatThrownBy(() -> read("admin: {port: 8080, token-file: '" + token + "'}"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("admin.token-file is \"" + token
                        + "\", but must be a file whose token has at least 16 characters")
                .hasMessageNotContaining("hunter2");
    }
}
