package dev.socketforwarder.benchmarks.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The program behind {@code script/bench}, which says how to call it. */
public final class Bench {
    private static final List<String> PROMISES = List.of("idle", "churn", "fair-share", "nats", "websocket");
    private static final int QUICK_PART = 10;
    private static final int WARM_UPS = 2;
    private static final String QUICK_NOTE =
            "**These are from a quick run: they show that it works, and nothing of speed.**\n\n";

    private boolean quick;
    private int rounds = 5;
    private Path image = Path.of("");
    private Path work = Path.of("");
    private Path docs = Path.of("");
    private final List<String> names = new ArrayList<>();

    private Bench() {}

    /** Run it. */
    public static void main(String[] args) {
        try {
            if (args.length > 1 && args[0].equals("load")) {
                load(String.join(" ", List.of(args).subList(1, args.length)));
            } else {
                new Bench().parse(args).run();
            }
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            System.exit(2);
        } catch (IOException e) {
            System.err.println("bench: " + e);
            System.exit(1);
        }
    }

    /** Load a forwarder that runs. */
    private static void load(String text) throws IOException {
        var values = Scenario.pairs(text);
        var host = Optional.ofNullable(values.remove("host")).orElse("127.0.0.1");
        var port = Optional.ofNullable(values.remove("port")).orElse("6753");
        var pid = Optional.ofNullable(values.remove("pid")).orElse("0");
        var scenario = Scenario.of("load", values);
        var address = new InetSocketAddress(host, Integer.parseInt(port));
        if (scenario.kind() == Scenario.Kind.TLS) {
            throw new IllegalArgumentException("kind=tls needs a server of our own: script/bench tls-small");
        }
        System.out.println(scenario.describe());
        try (var load = Load.open(
                Target.of(
                        new Access(address, Protocol.FORWARDER, false),
                        Optional.empty(),
                        new Proc(Long.parseLong(pid))),
                scenario)) {
            System.out.println("warm-up: " + load.run());
            System.out.println(load.run());
        }
    }

    private Bench parse(String... args) {
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--quick" -> quick = true;
                case "--rounds" -> rounds = Integer.parseInt(args[++i]);
                case "--image" -> image = Path.of(args[++i]);
                case "--work" -> work = Path.of(args[++i]);
                case "--docs" -> docs = Path.of(args[++i]);
                default -> names.add(args[i]);
            }
        }
        for (var name : names) {
            if (!PROMISES.contains(name)
                    && Scenarios.ALL.stream().noneMatch(s -> s.name().equals(name))) {
                throw new IllegalArgumentException(name + " is no scenario and no promise: see script/bench --help");
            }
        }
        return this;
    }

    private void run() throws IOException {
        var starter = new Server.Starter(image, work, Certificate.make(work));
        var turns = quick ? new Comparison.Rounds(1, 1) : new Comparison.Rounds(WARM_UPS, rounds);
        var report = new Report();
        for (var scenario : Scenarios.ALL) {
            if (isWanted(scenario.name())) {
                var part = quick ? scenario.withCount(scenario.count() / QUICK_PART) : scenario;
                report.add(Comparison.run(part, starter, turns));
            }
        }
        var promises = new Promises(starter, quick);
        if (isWanted("idle")) {
            report.add(promises.idle());
        }
        if (isWanted("churn")) {
            report.add(promises.churn());
        }
        if (isWanted("fair-share")) {
            report.add(promises.fairShare());
        }
        if (isWanted("nats") && Command.find(Product.NATS.label()).isPresent()) {
            new OverNats(starter, quick, turns).findings().forEach(report::add);
        }
        if (isWanted("websocket")) {
            new OverWebSocket(starter, quick, turns).findings().forEach(report::add);
        }
        report.write(docs, quick ? QUICK_NOTE : "");
        System.out.println("Written: " + docs.resolve(Report.PAGE));
    }

    private boolean isWanted(String name) {
        return names.isEmpty() || names.contains(name);
    }
}
