package dev.socketforwarder.benchmarks.load;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * The members of a scenario, on one thread, and the runs that they make.
 *
 * <p>With a rate, each message has its time, and its latency counts from then, whether or not it could be sent: who waits
 * for a slow server cannot hide it.
 */
final class Load implements Closeable {
    private static final Duration UNTIL_MET = Duration.ofSeconds(30);
    /** Datagrams that have not come for so long will not. */
    private static final long SILENCE_NS = 300_000_000;

    private static final long STALL_NS = 20_000_000_000L;
    private static final long PROBE_NS = 20_000_000;

    private final Target target;
    private final Scenario scenario;
    private final Selector selector = Selector.open();
    private final List<Link> links = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();
    private final ByteBuffer shared = ByteBuffer.allocateDirect(512 * 1024);
    private final Consumer<SelectionKey> onReadable = this::onReadable;
    private final Alarm alarm = new Alarm(selector::wakeup);
    private final Histogram latencyNs = new Histogram(3);

    private IOException failure;
    private long lastReadNs;
    private volatile boolean stopped;

    private Load(Target target, Scenario scenario) throws IOException {
        this.target = target;
        this.scenario = scenario;
    }

    /** Connect all members, and wait until everybody hears everybody. */
    static Load open(Target target, Scenario scenario) throws IOException {
        var load = new Load(target, scenario);
        try {
            var dialer = new Dialer(target);
            for (int i = 0; i < scenario.groups(); i++) {
                load.groups.add(load.connect(dialer, "%s%05d".formatted(scenario.name(), i)));
            }
            load.meet();
            return load;
        } catch (IOException | RuntimeException e) {
            load.close();
            throw e;
        }
    }

    private Group connect(Dialer dialer, String name) throws IOException {
        var protocol = target.exit().protocol();
        var wire = protocol.wire(name, scenario.size());
        var sent = target.entrance().protocol().wire(name, scenario.size());
        boolean isUdp = scenario.kind() == Scenario.Kind.UDP;
        boolean isSame = scenario.both() && !protocol.sendsApart();
        var receivers = new ArrayList<Receiver>();
        var senders = new ArrayList<Sender>();
        int most = scenario.senders() > 1 || scenario.rate() > 0 ? 1 : scenario.window();
        for (int i = 0; i < scenario.receivers(); i++) {
            var link = isUdp ? dialer.udpReceiver(scenario.size()) : dialer.tcp(name, true);
            int own = isSame && i < scenario.senders() ? i : -1;
            var receiver = new Receiver(link, protocol, wire, scenario.senders(), own, latencyNs);
            receivers.add(register(link, receiver));
            if (own >= 0) {
                senders.add(new Sender(i, link, sent, most));
            }
        }
        for (int i = senders.size(); i < scenario.senders(); i++) {
            var link = isUdp ? dialer.udp(scenario.size()) : dialer.tcp(name, false);
            register(link, buffer -> drain(link, buffer));
            senders.add(new Sender(i, link, sent, most));
        }
        return new Group(scenario, senders, receivers, isSame ? receivers.size() - 1 : receivers.size());
    }

    private <R extends Readable> R register(Link link, R readable) throws IOException {
        links.add(link);
        link.channel().register(selector, SelectionKey.OP_READ, readable);
        return readable;
    }

    /** What one that only sends is told is of no interest. */
    private static void drain(Link link, ByteBuffer buffer) throws IOException {
        if (link.read(buffer.clear()) < 0) {
            throw new EOFException("the server closed a sender's connection");
        }
    }

    private void meet() throws IOException {
        var patience = new Patience("all members to hear each other", UNTIL_MET);
        var strangers = new ArrayList<>(groups);
        while (!strangers.isEmpty()) {
            for (var group : strangers) {
                group.probe();
            }
            long endNs = Message.now() + PROBE_NS;
            do {
                select(PROBE_NS);
            } while (Message.now() < endNs);
            strangers.removeIf(Group::isMet);
            patience.check();
        }
    }

    /** Send all messages, and wait for them. */
    Result run() throws IOException {
        groups.forEach(Group::begin);
        latencyNs.reset();
        double cpuBefore = target.cpuSeconds();
        long startNs = Message.now();
        lastReadNs = startNs;
        while (!stopped && !isDone()) {
            select(send(startNs));
            checkSilence();
        }
        return result((lastReadNs - startNs) / 1e9, target.cpuSeconds() - cpuBefore);
    }

    /** End the run that another thread has begun. */
    void stop() {
        stopped = true;
    }

    /** {@return how many messages have been delivered in this run; for any thread, and about right} */
    long delivered() {
        return sum(Receiver::delivered);
    }

    private boolean isDone() {
        for (int i = 0; i < groups.size(); i++) {
            if (!groups.get(i).isDone()) {
                return false;
            }
        }
        return true;
    }

    /** {@return until when there is nothing to send, in nanoseconds from now} */
    private long send(long startNs) throws IOException {
        boolean isClear = true;
        long nextNs = Long.MAX_VALUE;
        for (int i = 0; i < groups.size(); i++) {
            var group = groups.get(i);
            if (scenario.rate() > 0) {
                group.keepRate(startNs);
                nextNs = Math.min(nextNs, group.dueNs(startNs));
            } else {
                group.fillWindow();
            }
            isClear &= group.flush();
        }
        return isClear ? Math.min(nextNs - Message.now(), SILENCE_NS) : 0;
    }

    /** Wait for what comes in, at most for so long. */
    private void select(long waitNs) throws IOException {
        if (waitNs > 0) {
            alarm.set(Message.now() + waitNs);
            selector.select(onReadable);
        } else {
            selector.selectNow(onReadable);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void onReadable(SelectionKey key) {
        try {
            ((Readable) key.attachment()).onReadable(shared);
            lastReadNs = Message.now();
        } catch (IOException e) {
            failure = e;
        }
    }

    private void checkSilence() throws IOException {
        long silenceNs = Message.now() - lastReadNs;
        if (scenario.kind() == Scenario.Kind.UDP) {
            if (silenceNs > SILENCE_NS) {
                groups.forEach(Group::giveUp);
            }
        } else if (silenceNs > STALL_NS) {
            throw new IOException("nothing came any more, and some was to come");
        }
    }

    private Result result(double seconds, double cpuSeconds) {
        return new Result(
                seconds,
                groups.stream().mapToLong(Group::sent).sum(),
                delivered(),
                sum(Receiver::lost),
                sum(Receiver::disordered),
                sum(Receiver::damaged),
                cpuSeconds,
                latencyNs.copy());
    }

    private long sum(ToLongFunction<Receiver> figure) {
        return groups.stream()
                .flatMap(group -> group.receivers().stream())
                .mapToLong(figure)
                .sum();
    }

    @Override
    public void close() throws IOException {
        alarm.close();
        for (var link : links) {
            link.close();
        }
        selector.close();
    }
}
