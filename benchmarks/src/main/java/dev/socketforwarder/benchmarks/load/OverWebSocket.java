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
        var many = costs(128, 1_000_000);
        return List.of(
                new Finding(
                        "One TCP sender to 20 WebSocket members: at most 1.3 times the CPU of 20 TCP members",
                        times(few.tcp(), few.toWebSocket(), 4) + "; " + times(many.tcp(), many.toWebSocket(), 128)),
                new Finding(
                        "One WebSocket sender to 20 WebSocket members: at most 2 times the CPU of 21 TCP members",
                        times(few.tcp(), few.webSocket(), 4) + "; " + times(many.tcp(), many.webSocket(), 128)),
                new Finding(
                        "A delivery to a WebSocket member allocates nothing; decoding what one sends does",
                        Finding.text(
                                "%.1f bytes for each message from TCP, and %.1f for each from WebSocket; each is delivered 20"
                                        + " times",
                                many.toWebSocket().allocated(), many.webSocket().allocated())),
                start());
    }

    private Finding start() throws IOException {
        var seconds = Starts.medians(
                quick,
                () -> starter.forwarder(Kind.LINE, List.of()),
                () -> starter.forwarder(Kind.WEBSOCKET, List.of()));
        return new Finding(
                "A start with a WebSocket endpoint takes at most 0.15 s more",
                Finding.text("%.2f s until it is ready, and %.2f s without", seconds[1], seconds[0]));
    }

    /**
     * What the forwarder spends.
     *
     * @param cpuNs processor time for each delivery
     * @param allocated bytes on the heap for each message
     */
    private record Cost(double cpuNs, double allocated) {}

    private record Costs(Cost tcp, Cost toWebSocket, Cost webSocket) {}

    private Costs costs(int window, int count) throws IOException {
        var load = "receivers=20 bursts=true window=" + window + " count=" + (quick ? count / 10 : count) + " kind=";
        try (var lines = starter.start(Product.FORWARDER, Kind.LINE);
                var mixed = starter.start(Product.FORWARDER, Kind.TCP_TO_WEBSOCKET);
                var sockets = starter.start(Product.FORWARDER, Kind.WEBSOCKET);
                var tcp = Load.open(lines.target(), Scenario.of("wtcp", load + "line"));
                var toWebSocket = Load.open(mixed.target(), Scenario.of("wmix", load + "tcp_to_websocket"));
                var webSocket = Load.open(sockets.target(), Scenario.of("wws", load + "websocket"))) {
            var runs = Runs.inTurn(rounds, tcp, toWebSocket, webSocket);
            return new Costs(
                    cost(runs.get(0), lines, tcp),
                    cost(runs.get(1), mixed, toWebSocket),
                    cost(runs.get(2), sockets, webSocket));
        }
    }

    private static Cost cost(Runs runs, Server server, Load load) throws IOException {
        double before = Allocation.bytes(server.proc().pid());
        long sent = load.run().sent();
        double allocated = Allocation.bytes(server.proc().pid()) - before;
        return new Cost(runs.median(Result::cpuNsPerDelivery), allocated / sent);
    }

    private static String times(Cost tcp, Cost other, int window) {
        return Finding.text(
                "%.2f times in bursts of %d messages (%,.0f ns for each delivery, and %,.0f ns)",
                other.cpuNs() / tcp.cpuNs(), window, other.cpuNs(), tcp.cpuNs());
    }
}
