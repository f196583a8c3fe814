package dev.socketforwarder.transport.nats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.socketforwarder.api.MissingSettingException;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.api.kit.Glob;
import dev.socketforwarder.testkit.MapSettings;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NatsSettingsTest {

    private static NatsSettings read(String key, String value) {
        return NatsSettings.read(new MapSettings(Map.of("servers", "nats://127.0.0.1:4222")).set(key, value));
    }

    @Test
    void theDefaultsShareEveryGroup() {
        var settings = NatsSettings.read(new MapSettings(Map.of("servers", List.of("nats.example", "tls://[::1]"))));

        assertThat(settings.servers())
                .containsExactly(URI.create("nats://nats.example:4222"), URI.create("tls://[::1]:4222"));
        assertThat(settings.groups()).containsExactly(new Glob("*"));
        assertThat(settings.subjects().prefix()).isEqualTo("socketforwarder");
        assertThat(settings.name()).isNotEmpty();
        assertThat(settings.presence()).isFalse();
        assertThat(settings.tls()).as("for the second server").isPresent();
        assertThat(settings.queueSize()).isBetween(64L << 10, 64L << 20);
    }

    @Test
    void withoutServersTheEndpointDoesNotRun() {
        assertThatThrownBy(() -> NatsSettings.read(new MapSettings(Map.of())))
                .isInstanceOf(MissingSettingException.class)
                .hasMessageContaining("servers");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://a:1",
                "nats://u:p@a:1",
                "nats://a:1/x",
                "nats://a b",
                "nats://",
                "nats://a:99999",
                "a:0",
                "nats://a?x",
                "://"
            })
    void wrongServersAreRefused(String server) {
        assertThatThrownBy(() -> read("servers", server)).isInstanceOf(SettingException.class);
    }

    @ParameterizedTest
    @CsvSource({"prefix, a..b", "prefix, a b", "prefix, '>'", "prefix, ''", "name, 'a b'", "queue-size, 1KiB"})
    void wrongValuesAreRefused(String key, String value) {
        assertThatThrownBy(() -> read(key, value)).isInstanceOf(SettingException.class);
    }

    @Test
    void aMissingCertificateFileIsNamed() {
        assertThatThrownBy(() -> NatsSettings.read(new MapSettings(
                        Map.of("servers", "nats://127.0.0.1:4222", "tls", Map.of("ca", "/nowhere.crt")))))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("/nowhere.crt");
    }
}
