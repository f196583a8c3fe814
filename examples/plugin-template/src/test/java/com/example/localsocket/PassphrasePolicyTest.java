package com.example.localsocket;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.api.SettingException;
import dev.socketforwarder.testkit.Example;
import dev.socketforwarder.testkit.HandshakeContract;
import dev.socketforwarder.testkit.MapSettings;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the policy keeps the promises of the API, and what it says of its setting. */
class PassphrasePolicyTest extends HandshakeContract {

    @Override
    protected HandshakePolicy policy() {
        return new PassphrasePolicy();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("localsocket-passphrase", "sesame");
    }

    @Override
    protected List<Example> examples() {
        return List.of(
                Example.admitted("sesame chat\ndata", "chat", 12),
                Example.undecided("sesame ch"),
                Example.refused("barley chat\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "two words"})
    void aPassphraseIsOneWord(String passphrase) {
        var settings = new MapSettings(Map.of("localsocket-passphrase", passphrase));

        assertThrows(SettingException.class, () -> policy().create(settings));
    }
}
