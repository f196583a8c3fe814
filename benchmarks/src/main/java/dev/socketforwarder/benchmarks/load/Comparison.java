package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * One scenario on several servers, in turn: what else the machine does meanwhile troubles all of them alike.
 *
 * @param rows one for each server
 */
record Comparison(Scenario scenario, List<Row> rows) {

    /**
     * How often.
     *
     * @param warmUps runs that do not count
     * @param counted those that do
     */
    record Rounds(int warmUps, int counted) {}

    Comparison {
        rows = List.copyOf(rows);
    }

    /** Start the servers that can do this, and let each do it. */
    static Comparison run(Scenario scenario, Server.Starter starter, Rounds rounds) throws IOException {
        var contestants = new ArrayList<Contestant>();
        try {
            for (var product : Product.values()) {
                if (product.can(scenario) && product.isInstalled()) {
                    contestants.add(new Contestant(product, scenario, starter));
                }
            }
            for (int i = 0; i < rounds.warmUps(); i++) {
                contestants.forEach(Contestant::warmUp);
            }
            for (var contestant : contestants) {
                contestant.begin();
            }
            for (int i = 0; i < rounds.counted(); i++) {
                contestants.forEach(Contestant::run);
            }
            var rows = new ArrayList<Row>();
            for (var contestant : contestants) {
                rows.add(contestant.row());
            }
            return new Comparison(scenario, rows);
        } finally {
            for (var contestant : contestants) {
                contestant.close();
            }
        }
    }

    /** A server and its load. What fails costs this one alone. */
    private static final class Contestant implements Closeable {
        private final Product product;
        private final Server server;
        private final List<Result> results = new ArrayList<>();
        private Load load; // null: could not be opened
        private double allocated;
        private String failure = "";

        Contestant(Product product, Scenario scenario, Server.Starter starter) throws IOException {
            this.product = product;
            this.server = starter.start(product, scenario.kind());
            try {
                load = Load.open(server.target(), scenario);
            } catch (IOException e) {
                failure = e.toString();
            }
        }

        void warmUp() {
            run();
            results.clear();
        }

        void begin() throws IOException {
            allocated = product.isForwarder() ? Allocation.bytes(server.proc().pid()) : 0;
        }

        void run() {
            if (failure.isEmpty()) {
                try {
                    results.add(load.run());
                } catch (IOException e) {
                    failure = e.toString();
                }
            }
        }

        Row row() throws IOException {
            var runs = new Runs(results);
            if (!failure.isEmpty()) {
                return new Row(product, runs, 0, 0, failure);
            }
            double perMessage = product.isForwarder()
                    ? (Allocation.bytes(server.proc().pid()) - allocated) / runs.sum(Result::sent)
                    : 0;
            return new Row(product, runs, server.proc().residentMb(), perMessage, failure);
        }

        @Override
        public void close() throws IOException {
            if (load != null) {
                load.close();
            }
            server.close();
        }
    }
}
