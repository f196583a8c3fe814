package dev.socketforwarder.benchmarks.load;

import dev.socketforwarder.benchmarks.load.Scenario.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** What else the forwarder promises in numbers, on the forwarder alone. */
final class Promises {
    private static final int IDLE_MEMBERS = 20_000;
    private static final int MEMBERS_OF_A_GROUP = 20;
    /** Descriptors of a process that are no members. */
    private static final int OTHER_DESCRIPTORS = 200;

    private static final int JOINS_PER_SECOND = 2_000;
    private static final int MOST_JOINED = 200;
    /** So many source addresses that those which wait for late packets do not run out of ports. */
    private static final int SOURCES = 32;

    private static final Duration SETTLING = Duration.ofSeconds(3);

    private final Server.Starter starter;
    private final boolean quick;

    Promises(Server.Starter starter, boolean quick) {
        this.starter = starter;
        this.quick = quick;
    }

    /** {@return what many idle members cost} */
    Finding idle() throws IOException {
        long room = new Proc(ProcessHandle.current().pid()).mostDescriptors() - OTHER_DESCRIPTORS;
        int groups = (int) Math.min(quick ? 1_000 : IDLE_MEMBERS, room) / MEMBERS_OF_A_GROUP;
        int members = groups * MEMBERS_OF_A_GROUP;
        var scenario = new Scenario(
                "idle", Kind.TCP, groups, MEMBERS_OF_A_GROUP - 1, 1, false, Message.SMALLEST, 1, 1, false, 0);
        var most = members + 10; // all of which may come from one address here
        try (var server = starter.forwarder(
                Kind.TCP, List.of("max-connections=" + most, "transports.tcp.max-connections-per-address=" + most))) {
            double before = server.proc().residentMb();
            try (var load = Load.open(server.target(), scenario)) {
                var result = load.run(); // all of them are there
                rest();
                double after = server.proc().residentMb();
                double cpuBefore = server.proc().cpuSeconds();
                rest();
                double cpu = (server.proc().cpuSeconds() - cpuBefore) / SETTLING.toSeconds();
                return new Finding(
                        "20,000 idle members: at most 200 MB resident",
                        Finding.text(
                                "%,d members%s in %,d groups, in each of which one sent (%,d deliveries): %.0f MB resident"
                                        + " (%.0f before they came, %.1f KB each), %.1f %% of a processor",
                                members,
                                room < IDLE_MEMBERS && !quick ? " (all that may have a descriptor here)" : "",
                                groups,
                                result.delivered(),
                                after,
                                before,
                                (after - before) * 1024 / members,
                                100 * cpu));
            }
        }
    }

    /** {@return what joins and leaves leave behind} */
    Finding churn() throws IOException {
        int seconds = quick ? 5 : 60;
        try (var server = starter.forwarder(Kind.TCP, List.of("transports.tcp.join-reply=joined"))) {
            churn(server.target().exit().address(), quick ? 3 : 15); // until everything is loaded and compiled
            rest();
            var before = State.of(server.proc());
            double cpuBefore = server.proc().cpuSeconds();
            long startNs = System.nanoTime();
            churn(server.target().exit().address(), seconds);
            double elapsed = (System.nanoTime() - startNs) / 1e9;
            double cpu = (server.proc().cpuSeconds() - cpuBefore) / elapsed;
            rest();
            return new Finding(
                    "2,000 joins and leaves a second for a minute: descriptors, threads and memory as before",
                    Finding.text(
                            "%,.0f a second for %d s, each answered, with %.0f %% of a processor; before: %s; after: %s",
                            JOINS_PER_SECOND * seconds / elapsed, seconds, 100 * cpu, before, State.of(server.proc())));
        }
    }

    private record State(long descriptors, long threads, double residentMb) {
        static State of(Proc proc) throws IOException {
            return new State(proc.descriptors(), proc.threads(), proc.residentMb());
        }

        @Override
        public String toString() {
            return Finding.text("%d descriptors, %d threads, %.1f MB", descriptors, threads, residentMb);
        }
    }

    /** Join at a fixed rate, whatever the answers take, and leave in the same order. */
    private static void churn(InetSocketAddress server, int seconds) throws IOException {
        var joined = new ArrayDeque<SocketChannel>();
        long startNs = System.nanoTime();
        for (int i = 0; i < JOINS_PER_SECOND * seconds; i++) {
            long dueNs = startNs + i * 1_000_000_000L / JOINS_PER_SECOND;
            LockSupport.parkNanos(dueNs - System.nanoTime());
            joined.add(join(server, i));
            if (joined.size() > MOST_JOINED) {
                joined.remove().close();
            }
        }
        for (var channel : joined) {
            channel.close();
        }
    }

    private static SocketChannel join(InetSocketAddress server, int number) throws IOException {
        var channel = Dialer.connect(server, 1 + number % SOURCES);
        channel.write(ByteBuffer.wrap(Protocol.bytes(Protocol.PREFIX + "g" + number % 100 + "\n")));
        var reply = ByteBuffer.allocate("joined\n".length());
        while (reply.hasRemaining()) {
            if (channel.read(reply) < 0) {
                throw new IOException("the forwarder refused a join");
            }
        }
        return channel;
    }

    /** {@return what a flooding group leaves to another, on one event loop} */
    Finding fairShare() throws IOException {
        var one = Scenario.of(
                "one", "receivers=4 senders=1 size=1024 window=2048 count=" + (quick ? 300_000 : 2_000_000));
        var flood = Scenario.of("flood", "receivers=4 senders=20 size=1024 window=16384 count=1000000000");
        // The load goes before it, so that the forwarder is what there is too little of.
        try (var server = starter.forwarder(Kind.TCP, List.of("event-loops=1"), List.of("nice", "-n", "19"))) {
            double twin = shareBeside(
                    server, one, Scenario.of("twin", "receivers=4 senders=1 size=1024 window=2048 count=1000000000"));
            double share = shareBeside(server, one, flood);
            return new Finding(
                    "A flooding group leaves another at least 80 % of its fair share (40 % of what one event loop does)",
                    Finding.text(
                            "a group with one sender delivered %.0f %% of all beside an equal one, and %.0f %% beside one"
                                    + " with 20 senders",
                            100 * twin, 100 * share));
        }
    }

    private static double shareBeside(Server server, Scenario measured, Scenario other) throws IOException {
        try (var rival = Load.open(server.target(), other);
                var load = Load.open(server.target(), measured)) {
            load.run();
            var thread = Thread.ofPlatform().start(() -> runUntilStopped(rival));
            double before = rival.delivered();
            double own = load.run().delivered();
            double others = rival.delivered() - before;
            rival.stop();
            join(thread);
            return own / (own + others);
        }
    }

    private static void runUntilStopped(Load rival) {
        try {
            rival.run();
        } catch (IOException e) {
            System.err.println("The rival failed: " + e);
        }
    }

    private static void join(Thread thread) throws IOException {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Let the forwarder do what is left to do. */
    private static void rest() {
        long endNs = System.nanoTime() + SETTLING.toNanos();
        while (System.nanoTime() < endNs) {
            LockSupport.parkNanos(endNs - System.nanoTime());
        }
    }
}
