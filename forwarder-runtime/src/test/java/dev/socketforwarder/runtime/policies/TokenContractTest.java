package dev.socketforwarder.runtime.policies;

import dev.socketforwarder.api.HandshakePolicy;
import dev.socketforwarder.testkit.Example;
import dev.socketforwarder.testkit.HandshakeContract;
import java.util.List;
import java.util.Map;

/** The policy {@code token} keeps the promises of the API. */
class TokenContractTest extends HandshakeContract {
    private static final String SECRET = "correct-horse-battery-staple-0123456789";

    @Override
    protected HandshakePolicy policy() {
        return new TokenPolicy();
    }

    @Override
    protected Map<String, ?> settings() {
        return Map.of("token-secret", SECRET);
    }

    @Override
    protected List<Example> examples() {
        var message = "SOCKETFORWARDER-NEW:" + SECRET + ":chat\n";
        return List.of(
                Example.admitted(message + "data", "chat", message.length()),
                Example.undecided("SOCKETFORWARDER-NEW:" + SECRET),
                Example.refused("SOCKETFORWARDER-NEW:wrong:chat\n"),
                Example.refused("GET / HTTP/1.1\n"));
    }
}
