package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.IOException;
import java.util.List;

/** What forwarders promise in numbers that share their groups over NATS, beside the same without. All take turns, in one run. */
final class OverNats {
    private final Server.Starter starter;
    private final boolean quick;
    private final Comparison.Rounds rounds;

    OverNats(Server.Starter starter, boolean quick, Comparison.Rounds rounds) {
        this.starter = starter;
        this.quick = quick;
        this.rounds = rounds;
    }

    List<Finding> findings() throws IOException {
        return List.of(across("small", 4, 30_000), across("bulk", 8_192, 500_000), local(), start());
    }

    /** {@return two forwarders with one NATS server, beside the same members at that server} */
    private Finding across(String size, int window, int count) throws IOException {
        var scenario = Scenario.of(
                "n" + size, "kind=line receivers=20 window=" + window + " count=" + (quick ? count / 10 : count));
        try (var alone = starter.start(Product.NATS, Kind.LINE);
                var nats = starter.start(Product.NATS, Kind.LINE);
                var first = forwarder(nats);
                var second = forwarder(nats);
                var direct = Load.open(alone.target(), scenario);
                var shared = Load.open(together(first, second, nats), scenario)) {
            var runs = Runs.inTurn(rounds, direct, shared);
            var directly = runs.get(0);
            var overNats = runs.get(1);
            return new Finding(
                    "One sender on a forwarder, 20 members on another, " + window
                            + " lines on their way: as many deliveries and as little CPU as at nats-server alone",
                    Finding.text(
                            "%,.0f deliveries/s and %,.0f ns CPU each, %d lost; nats-server alone %,.0f and %,.0f",
                            overNats.median(Result::deliveriesPerSecond),
                            overNats.median(Result::cpuNsPerDelivery),
                            overNats.sum(Result::lost),
                            directly.median(Result::deliveriesPerSecond),
                            directly.median(Result::cpuNsPerDelivery)));
        }
    }

    /** {@return what NATS costs members of one forwarder} */
    private Finding local() throws IOException {
        var scenario = Scenario.of("nlocal", "kind=line receivers=20 rate=1000 count=" + (quick ? 500 : 5_000));
        try (var nats = starter.start(Product.NATS, Kind.LINE);
                var plain = starter.forwarder(Kind.LINE, List.of());
                var bridged = forwarder(nats);
                var without = Load.open(plain.target(), scenario);
                var with = Load.open(bridged.target(), scenario)) {
            var runs = Runs.inTurn(rounds, without, with);
            var before = runs.get(0);
            var after = runs.get(1);
            return new Finding(
                    "A member's p99 among members of its forwarder: at most 1.2 times what it is without NATS",
                    Finding.text(
                            "%,.0f µs, and %,.0f µs without; CPU for each delivery %,.0f ns, and %,.0f ns",
                            after.median(result -> result.latencyUs(99)),
                            before.median(result -> result.latencyUs(99)),
                            after.median(Result::cpuNsPerDelivery),
                            before.median(Result::cpuNsPerDelivery)));
        }
    }

    /** {@return what NATS costs the start} */
    private Finding start() throws IOException {
        try (var nats = starter.start(Product.NATS, Kind.LINE)) {
            var seconds = Starts.medians(quick, () -> starter.forwarder(Kind.LINE, List.of()), () -> forwarder(nats));
            return new Finding(
                    "A start with NATS takes at most 0.3 s more",
                    Finding.text("%.2f s until it is ready, and %.2f s without", seconds[1], seconds[0]));
        }
    }

    private Server forwarder(Server nats) throws IOException {
        return starter.forwarder(Kind.LINE, servers(nats));
    }

    private static List<String> servers(Server nats) {
        return List.of("transports.nats.servers=nats://127.0.0.1:"
                + nats.target().exit().address().getPort());
    }

    private static Target together(Server first, Server second, Server nats) {
        var receivers = second.target();
        return new Target(
                receivers.exit(),
                first.target().entrance(),
                receivers.tls(),
                List.of(first.proc(), second.proc(), nats.proc()));
    }
}
