package dev.socketforwarder.transport.websocket;

import java.util.List;

/** Makes the settings of an endpoint for tests. */
final class Rules {
    static final WebSocketSettings DEFAULT = of(List.of(), false, false);

    private Rules() {}

    static WebSocketSettings of(List<String> origins, boolean queryToken, boolean sendsToken) {
        return new WebSocketSettings(
                List.of("127.0.0.1"), 0, false, origins, queryToken, false, true, "PREFIX:", sendsToken);
    }
}
