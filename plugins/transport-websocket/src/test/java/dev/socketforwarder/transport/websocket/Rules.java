package dev.socketforwarder.transport.websocket;

import dev.socketforwarder.api.kit.ListeningSettings;
import java.util.List;

/** Makes the settings of an endpoint for tests. */
final class Rules {
    private static final ListeningSettings LISTENING = new ListeningSettings(List.of("127.0.0.1"), 0, 1_024, false);

    static final WebSocketSettings DEFAULT = of(List.of(), false, false);

    private Rules() {}

    static WebSocketSettings of(List<String> origins, boolean queryToken, boolean sendsToken) {
        return new WebSocketSettings(LISTENING, origins, queryToken, false, true, "PREFIX:", sendsToken);
    }
}
