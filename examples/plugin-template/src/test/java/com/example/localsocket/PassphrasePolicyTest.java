package com.example.localsocket;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.testkit.Example;
import dev.socketforwarder.testkit.HandshakeContract;
import java.util.List;
import java.util.Map;

/** Tests that the policy keeps the promises of the API. */
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
}
