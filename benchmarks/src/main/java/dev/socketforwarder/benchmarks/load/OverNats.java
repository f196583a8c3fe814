package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** What forwarders promise in numbers that share their groups over NATS, beside the same without. All takes turns, in one run. */
final class OverNats {
    private static final int STARTS = 9;

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
            var directly = new ArrayList<Result>();
            var overNats = new ArrayList<Result>();
            takeTurns(direct, directly, shared, overNats);
            return new Finding(
                    "One sender on a forwarder, 20 members on another, " + window
                            + " lines on their way: as many deliveries and as little CPU as at nats-server alone",
                    text(
                            "%,.0f deliveries/s and %,.0f ns CPU each, %d lost; nats-server alone %,.0f and %,.0f",
                            median(overNats, Result::deliveriesPerSecond),
                            median(overNats, Result::cpuNsPerDelivery),
                            overNats.stream().mapToLong(Result::lost).sum(),
                            median(directly, Result::deliveriesPerSecond),
                            median(directly, Result::cpuNsPerDelivery)));
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
            var before = new ArrayList<Result>();
            var after = new ArrayList<Result>();
            takeTurns(without, before, with, after);
            return new Finding(
                    "A member's p99 among members of its forwarder: at most 1.2 times what it is without NATS",
                    text(
                            "%,.0f µs, and %,.0f µs without; CPU for each delivery %,.0f ns, and %,.0f ns",
                            median(after, result -> result.latencyUs(99)),
                            median(before, result -> result.latencyUs(99)),
                            median(after, Result::cpuNsPerDelivery),
                            median(before, Result::cpuNsPerDelivery)));
        }
    }

    /** {@return what NATS costs the start} */
    private Finding start() throws IOException {
        int starts = quick ? 3 : STARTS;
        var without = new double[starts];
        var with = new double[starts];
        try (var nats = starter.start(Product.NATS, Kind.LINE)) {
            for (int i = 0; i < starts; i++) {
                without[i] = secondsToStart(List.of());
                with[i] = secondsToStart(servers(nats));
            }
        }
        return new Finding(
                "A start with NATS takes at most 0.3 s more",
                text("%.2f s until it listens, and %.2f s without", median(with), median(without)));
    }

    private double secondsToStart(List<String> settings) throws IOException {
        long startNs = System.nanoTime();
        try (var _ = starter.forwarder(Kind.LINE, settings)) {
            return (System.nanoTime() - startNs) / 1e9;
        }
    }

    private Server forwarder(Server nats) throws IOException {
        return starter.forwarder(Kind.LINE, servers(nats));
    }

    private static List<String> servers(Server nats) {
        return List.of("transports.nats.servers=nats://127.0.0.1:"
                + nats.target().address().getPort());
    }

    private static Target together(Server first, Server second, Server nats) {
        var receivers = second.target();
        return new Target(
                receivers.address(),
                first.target().address(),
                receivers.protocol(),
                receivers.tls(),
                List.of(first.proc(), second.proc(), nats.proc()));
    }

    private void takeTurns(Load one, List<Result> ones, Load other, List<Result> others) throws IOException {
        for (int i = 0; i < rounds.warmUps() + rounds.counted(); i++) {
            var result = one.run();
            var otherResult = other.run();
            if (i >= rounds.warmUps()) {
                ones.add(result);
                others.add(otherResult);
            }
        }
    }

    private static double median(List<Result> results, ToDoubleFunction<Result> figure) {
        return median(results.stream().mapToDouble(figure).toArray());
    }

    private static double median(double... values) {
        var sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
