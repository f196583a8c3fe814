package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.IOException;
import java.util.List;

/** What the forwarder promises in numbers of WebSocket members, beside TCP members. All take turns, in one run. */
final class OverWebSocket {
    private final Server.Starter starter;
    private final boolean quick;
    private final Comparison.Rounds rounds;

    OverWebSocket(Server.Starter starter, boolean quick, Comparison.Rounds rounds) {
        this.starter = starter;
        this.quick = quick;
        this.rounds = rounds;
    }

    List<Finding> findings() throws IOException {
        var few = costs(4, 30_000);
        var many = costs(256, 1_000_000);
        return List.of(
                new Finding(
                        "One TCP sender to 20 WebSocket members: at most 1.3 times the CPU of 20 TCP members",
                        text(few.tcp(), few.toWebSocket(), 4) + "; " + text(many.tcp(), many.toWebSocket(), 256)),
                new Finding(
                        "One WebSocket sender to 20 WebSocket members: at most 2 times the CPU of 21 TCP members",
                        text(few.tcp(), few.webSocket(), 4) + "; " + text(many.tcp(), many.webSocket(), 256)));
    }

    /** CPU for each delivery, in nanoseconds. */
    private record Costs(double tcp, double toWebSocket, double webSocket) {}

    private Costs costs(int window, int count) throws IOException {
        var load = "receivers=20 window=" + window + " count=" + (quick ? count / 10 : count) + " kind=";
        try (var lines = starter.start(Product.FORWARDER, Kind.LINE);
                var mixed = starter.start(Product.FORWARDER, Kind.TCP_TO_WEBSOCKET);
                var sockets = starter.start(Product.FORWARDER, Kind.WEBSOCKET);
                var tcp = Load.open(lines.target(), Scenario.of("wtcp", load + "line"));
                var toWebSocket = Load.open(mixed.target(), Scenario.of("wmix", load + "tcp_to_websocket"));
                var webSocket = Load.open(sockets.target(), Scenario.of("wws", load + "websocket"))) {
            var runs = Runs.inTurn(rounds, tcp, toWebSocket, webSocket).stream()
                    .map(each -> each.median(Result::cpuNsPerDelivery))
                    .toList();
            return new Costs(runs.get(0), runs.get(1), runs.get(2));
        }
    }

    private static String text(double tcp, double other, int window) {
        return Finding.text(
                "%.2f times with %d messages on their way (%,.0f ns for each delivery, and %,.0f ns)",
                other / tcp, window, other, tcp);
    }
}
